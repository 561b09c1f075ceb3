"""People's labels taken in, and a sample of one's own file drawn. Plain CSV both ways."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.errors import ExitCode, RorError
from pipelines.sentiment.explaining import LABELS
from pipelines.sentiment.messages import content_hash_of
from pipelines.sentiment.scoring import detect_languages, score_texts

SAMPLE_COLUMNS = (
    "content_hash", "message_id", "text", "lang", "stratum", "sampling_weight", "model", "label",
)  # fmt: skip
FEEDBACK_COLUMNS = (
    "content_hash", "message_id", "labeller", "label", "model", "sampling_weight", "labelled_at",
)  # fmt: skip
RANDOM, UNCERTAIN, NEGATIVE = "random", "uncertain", "sure_negative"
STRATUM_SHARE = 0.25  # of the sample, for each of the two that are not random
PRIVATE = 0o600
SURE = 0.80  # probability of a sure negative


@dataclass(frozen=True)
class Agreement:
    """What labels say of the model. `accuracy`: weighted, so unbiased for all messages; `kappa`:
    Cohen's, unweighted."""

    labelled: int
    left_empty: int
    accuracy: float
    kappa: float


def read_labels(path: Path) -> tuple[list[str], list[int], list[str]]:
    """(texts, labels 0..2, languages) of a CSV with columns text, label, lang.

    Labels are words or 0, 1, 2. Exit 65 names the row that holds another.
    """
    rows = read_rows(path, ("text", "label", "lang"))
    labels = [label_of_word(path, number, row["label"]) for number, row in enumerate(rows, start=2)]
    return [row["text"] for row in rows], labels, [row["lang"] for row in rows]


def draw_sample(source: Path, out: Path, count: int, seed: int) -> int:
    """Write a sample of the messages of a CSV with columns message_id, text; how many."""
    rows = read_rows(source, ("message_id", "text"))
    texts = [row["text"] for row in rows]
    found = score_texts(texts)
    languages = detect_languages(texts)[0]
    strata, weights = strata_of(found, min(count, len(rows)), seed)
    drawn = [
        {
            "content_hash": content_hash_of(texts[place]),
            "message_id": rows[place]["message_id"],
            "text": texts[place],
            "lang": str(languages[place]),
            "stratum": stratum,
            "sampling_weight": f"{weights[place]:.6f}",
            "model": LABELS[int(found[place].argmax())],
        }
        for place, stratum in sorted(strata.items())
    ]
    write_sample(out, drawn)
    return len(drawn)


def write_sample(out: Path, drawn: Iterable[dict[str, str]]) -> None:
    """Write drawn messages with an empty column `label`; only the owner may read the file."""
    with out.open("w", encoding="utf-8", newline="") as file:
        out.chmod(PRIVATE)
        writer = csv.DictWriter(file, SAMPLE_COLUMNS, lineterminator="\n", restval="")
        writer.writeheader()
        writer.writerows(drawn)


def take_labels(source: Path, out: Path, labeller: str) -> Agreement:
    """Append the labelled rows of a sample to the feedback file; rows left empty are counted.

    The text is not kept: its hash finds it again. Exit 65 names the row with an unknown label.
    """
    rows = read_rows(source, ("content_hash", "message_id", "model", "sampling_weight", "label"))
    filled = [(number, row) for number, row in enumerate(rows, start=2) if row["label"].strip()]
    if not filled:
        raise _refused(source, "no row has a label", "fill the column label")
    labels = np.array([label_of_word(source, number, row["label"]) for number, row in filled])
    model = np.array([label_of_word(source, number, row["model"]) for number, row in filled])
    weights = np.array([float(row["sampling_weight"]) for _, row in filled])
    now = datetime.now(UTC).isoformat(timespec="seconds")
    is_new = not out.exists()
    out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with out.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(FEEDBACK_COLUMNS)
        for (_, row), label in zip(filled, labels, strict=True):
            name = LABELS[int(label)]
            known = (row["content_hash"], row["message_id"])
            writer.writerow((*known, labeller, name, row["model"], row["sampling_weight"], now))
    return Agreement(
        labelled=len(filled),
        left_empty=len(rows) - len(filled),
        accuracy=float(np.average(labels == model, weights=weights)),
        kappa=kappa_of(labels, model),
    )


def kappa_of(first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> float:
    """Cohen's kappa of two labellings; 1.0 if both use one and the same label only."""
    agreed = float(np.mean(first == second))
    shares = [np.bincount(one, minlength=len(LABELS)) / len(one) for one in (first, second)]
    by_chance = float(shares[0] @ shares[1])
    return 1.0 if by_chance == 1.0 else (agreed - by_chance) / (1.0 - by_chance)


def strata_of(
    found: npt.NDArray[np.float64], count: int, seed: int
) -> tuple[dict[int, str], npt.NDArray[np.float64]]:
    """The stratum of each drawn message, and the weight of every message if drawn.

    The population is cut into sure negatives, the least certain, and the rest, so that each
    message belongs to one stratum; a weight is messages over draws of its stratum, scaled to the
    population's mean of 1.
    """
    generator = np.random.default_rng(seed)
    part = int(count * STRATUM_SHARE)
    negative = np.flatnonzero(found[:, 0] >= SURE)
    others = np.flatnonzero(found[:, 0] < SURE)
    certainty = found[others].max(axis=1)
    uncertain = others[np.argsort(certainty, kind="stable")[: max(part * 2, len(others) // 4)]]
    rest = np.setdiff1d(others, uncertain)
    strata: dict[int, str] = {}
    weights = np.zeros(len(found))
    for name, members, wanted in (
        (NEGATIVE, negative, part),
        (UNCERTAIN, uncertain, part),
        (RANDOM, rest, count - 2 * part),
    ):
        drawn = generator.permutation(members)[:wanted]
        strata |= dict.fromkeys(drawn.tolist(), name)
        weights[drawn] = len(members) / max(len(drawn), 1) * count / len(found)
    return strata, weights


def label_of_word(path: Path, number: int, written: str) -> int:
    """0 negative, 1 neutral, 2 positive, of a word or such a number; exit 65 names the row."""
    name = written.strip().lower()
    if name in LABELS:
        return LABELS.index(name)
    if name in {"0", "1", "2"}:
        return int(name)
    raise _refused(path, f"row {number} has a label that is none of {', '.join(LABELS)}", "mend it")


def read_rows(path: Path, columns: Iterable[str]) -> list[dict[str, str]]:
    """Rows of a CSV that has these columns; exit 65 names those it lacks."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = set(columns) - set(reader.fieldnames or ())
        if missing:
            raise _refused(path, f"it lacks the columns {', '.join(sorted(missing))}", "add them")
        return [{name: value or "" for name, value in row.items()} for row in reader]


def _refused(path: Path, why: str, next_step: str) -> RorError:
    return RorError("sentiment", str(path), why, next_step, ExitCode.DATA_REFUSED)
