"""`ror sentiment train`: from collections of labelled texts to an artefact and its model card."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.artefact import FORMAT_VERSION, Arrays, assembled, write_artefact
from pipelines.sentiment.engines.embed import LEAST_PROBABILITY, head_probabilities
from pipelines.sentiment.engines.linear import LinearEngine, held_down, softmax
from pipelines.sentiment.features import DENSE_NAMES, Batch, batch_of, languages_of
from pipelines.sentiment.measures import Quality, quality_of
from pipelines.sentiment.normalise import NORM_VERSION, normalise
from pipelines.sentiment.tables import LANGUAGES, LEX_VERSION
from pipelines.sentiment.training import corpus, linear
from pipelines.sentiment.training.calibration import cross_fitted_error, temperatures_of
from pipelines.sentiment.training.corpus import DataSet, Example
from pipelines.sentiment.training.head import fit_head

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Vectors = npt.NDArray[np.float32]

STRENGTH = 1.0  # of the data against the prior of small weights
TEACHER_SHARE = 0.5  # of the out-of-fold labels of the head in the targets of `linear`
FOLDS = 5
SEED_WEIGHT, RUSSIAN_WEIGHT = 1.0, 0.6
RUSSIAN_FOLDER = "rusentiment"  # beside umsab/, if at hand
UNTESTED_CEILING = 0.70  # largest probability of a language without permitted development texts


@dataclass(frozen=True)
class Plan:
    """What is trained from what. `embed_texts`: gives vectors, None: no head and no teacher.
    `measure`: collections that nothing is fitted to, only measured on."""

    profile: str
    train: tuple[DataSet, ...]
    develop: tuple[DataSet, ...]
    embed_texts: Callable[[list[str]], Vectors] | None
    embedding: str = ""
    measure: tuple[DataSet, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """What a training gave: file hash, header, and quality by (engine, language)."""

    digest: str
    header: dict[str, Any]
    quality: dict[tuple[str, str], Quality]
    cross_fitted: dict[tuple[str, str], float]


def plan_of(
    profile: str,
    data: Path,
    rusentiment: Path | None = None,
    own: tuple[DataSet, ...] = (),
    embed_texts: Callable[[list[str]], Vectors] | None = None,
    embedding: str = "",
) -> Plan:
    """The collections of a profile: `open` may be shipped; `local` adds what may not. `own`:
    labels of the site."""
    train = [corpus.tweets_set(data / "umsab", "train"), corpus.seed_set(SEED_WEIGHT), *own]
    develop = [corpus.tweets_set(data / "umsab", "val")]
    if rusentiment is not None:
        train.append(corpus.russian_set(rusentiment, "train", RUSSIAN_WEIGHT))
        develop.append(corpus.russian_set(rusentiment, "val"))
    measure: tuple[DataSet, ...] = ()
    if rusentiment is None and (data / RUSSIAN_FOLDER).is_dir():
        measure = (corpus.russian_set(data / RUSSIAN_FOLDER, "val"),)
    return Plan(profile, tuple(train), tuple(develop), embed_texts, embedding, measure)


def train(plan: Plan, out: Path) -> Outcome:
    """Fit, calibrate, write; the same input gives the same bytes."""
    examples = _sorted(plan.train)
    batch = _batch(examples)
    counts = linear.counts_of(batch)
    design = linear.design_of(batch, counts)
    weights = np.array([example.weight for example in examples])
    truth = np.eye(linear.CLASSES)[[example.label for example in examples]]
    targets, head = truth, {}
    if plan.embed_texts is not None:
        vectors = plan.embed_texts([example.text for example in examples])
        head = fit_head(vectors, batch.languages, truth, weights)
        taught = _out_of_fold(vectors, batch.languages, truth, weights)
        targets = (1 - TEACHER_SHARE) * truth + TEACHER_SHARE * taught
    matrix = linear.matrix_of(batch, counts, design)
    dense_at = len(design.characters.slots) + len(design.words.slots)
    solved = linear.fit(matrix, targets, weights, STRENGTH, dense_at)
    fitted = linear.weights_of(solved, design)
    arrays = _arrays(fitted, design, head)
    header = _header(plan)
    return _calibrated(plan, out, header, arrays)


def _sorted(sets: tuple[DataSet, ...]) -> list[Example]:
    examples = [example for one in sets for example in one.examples]
    return sorted(examples, key=lambda e: (e.language, e.origin, e.label, e.text))


def _batch(examples: list[Example]) -> Batch:
    normalised = normalise([example.text for example in examples])
    return batch_of(normalised, languages_of([example.language for example in examples]))


def _out_of_fold(vectors: Vectors, languages: Integers, truth: Floats, weights: Floats) -> Floats:
    """What a head says of texts it has not seen."""
    fold = np.arange(len(vectors)) % FOLDS
    taught = np.zeros(truth.shape)
    for held_out in range(FOLDS):
        mine, rest = fold == held_out, fold != held_out
        head = fit_head(vectors[rest], languages[rest], truth[rest], weights[rest], seeds=(1,))
        taught[mine] = head_probabilities(head, vectors[mine], languages[mine])
    return taught


def _arrays(fitted: linear.Weights, design: linear.Design, head: Arrays) -> Arrays:
    arrays: Arrays = {"dense": fitted.dense, "bias": fitted.bias}
    units = []
    for kind, weights, grams in (
        ("characters", fitted.characters, design.characters),
        ("words", fitted.words, design.words),
    ):
        steps, unit = linear.quantised(weights)
        arrays[f"{kind}_gaps"] = np.diff(grams.slots, prepend=0).astype(np.uint32)
        arrays[f"{kind}_weights"] = steps
        arrays[f"{kind}_norms"] = grams.norms
        units += [unit, grams.norm_unit]
    arrays["units"] = np.array(units)
    ones = np.ones(len(LANGUAGES) + 1)
    arrays |= {"temperature_linear": ones, "temperature_embed": ones, "ceiling": ones}
    return arrays | {f"head_{name}": array for name, array in head.items()}


def _header(plan: Plan) -> dict[str, Any]:
    return {
        "format_version": FORMAT_VERSION,
        "norm_version": NORM_VERSION,
        "lex_version": LEX_VERSION,
        "languages": list(LANGUAGES),
        "dense_names": list(DENSE_NAMES),
        "profile": plan.profile,
        "embedding": plan.embedding,
        "training": [
            {"name": one.name, "licence": one.licence, "rows": len(one.examples)}
            | {"files": dict(one.files)}
            for one in plan.train
        ],
    }


def _calibrated(plan: Plan, out: Path, header: dict[str, Any], arrays: Arrays) -> Outcome:
    """Fit temperatures on the development texts, write, measure what was written."""
    batch, labels, texts = _labelled(plan.develop)
    engine = LinearEngine(assembled("", header, arrays))
    tested = {LANGUAGES[place] for place in np.unique(batch.languages)}
    ceiling = [1.0 if code in tested else UNTESTED_CEILING for code in LANGUAGES] + [1.0]
    arrays["ceiling"] = np.array(ceiling)
    for name, values in _logits(plan, engine, batch, texts).items():
        arrays[f"temperature_{name}"] = temperatures_of(values, labels, batch.languages)
    calibrated = LinearEngine(assembled("", header, arrays))
    found, _ = _measured(plan, calibrated, plan.develop)
    header["quality"] = {f"{name} {code}": asdict(one) for (name, code), one in found.items()}
    write_artefact(out, header, arrays)
    return outcome_of(plan, out)


def outcome_of(plan: Plan, artefact: Path) -> Outcome:
    """Measure an artefact on the development texts of its plan, and on those it may only be
    measured on."""
    engine = LinearEngine.load(artefact)
    quality, cross_fitted = _measured(plan, engine, plan.develop)
    if plan.measure:
        more = _measured(plan, engine, plan.measure)
        quality, cross_fitted = quality | more[0], cross_fitted | more[1]
    return Outcome(engine.artefact.digest, engine.artefact.header, quality, cross_fitted)


def _measured(
    plan: Plan, engine: LinearEngine, sets: tuple[DataSet, ...]
) -> tuple[dict[tuple[str, str], Quality], dict[tuple[str, str], float]]:
    """Quality and cross-fitted calibration error by engine and language."""
    batch, labels, texts = _labelled(sets)
    artefact = engine.artefact
    quality, cross_fitted = {}, {}
    for name, values in _logits(plan, engine, batch, texts).items():
        temperature = artefact.temperatures[name][batch.languages][:, None]
        final = held_down(softmax(values / temperature), artefact.ceiling[batch.languages])
        for place in np.unique(batch.languages):
            mine, code = batch.languages == place, LANGUAGES[place]
            quality[name, code] = quality_of(final[mine], labels[mine])
            cross_fitted[name, code] = cross_fitted_error(values[mine], labels[mine])
    return quality, cross_fitted


def _labelled(sets: tuple[DataSet, ...]) -> tuple[Batch, Integers, list[str]]:
    examples = _sorted(sets)
    labels = np.array([example.label for example in examples], dtype=np.int64)
    return _batch(examples), labels, [example.text for example in examples]


def _logits(plan: Plan, engine: LinearEngine, batch: Batch, texts: list[str]) -> dict[str, Floats]:
    """Logits before temperature of `linear`, and of `embed` if there is a head."""
    logits = {"linear": engine.logits(batch)}
    if plan.embed_texts is not None and engine.artefact.head:
        by_head = head_probabilities(engine.artefact.head, plan.embed_texts(texts), batch.languages)
        share = engine.artefact.head["share"][batch.languages][:, None]
        mixed = share * by_head + (1 - share) * softmax(logits["linear"])
        logits["embed"] = np.log(np.maximum(mixed, LEAST_PROBABILITY))
    return logits
