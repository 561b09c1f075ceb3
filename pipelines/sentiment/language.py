"""Which of the supported languages a message is in, or that none can be told.

links, names, digits, emoji off ─▶ few letters: und ─▶ script guard ─▶ Cyrillic: ru
    ─▶ naive Bayes over byte n-grams (py3langid's model) ─▶ foreign, or below 0.5: und
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.normalise import ADDRESS, PERSON
from pipelines.sentiment.tables import LANGUAGES, UNDETERMINED, short_phrases

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

Floats = npt.NDArray[np.float64]

UNSUPPORTED = "unsupported"
LEAST_LETTERS = 3
LEAST_CONFIDENCE = 0.5
LEAST_FOREIGN_LETTERS = 20  # shorter texts are too easily taken for another language
FOREIGN_CONFIDENCE = 0.90
LONGEST_SAMPLE = 160  # characters; more only cost time
SURE = 0.99  # no foreign language comes near a confidence like this
LATIN_FOREIGN = frozenset((
    "af", "az", "bs", "ca", "cs", "cy", "da", "eo", "et", "eu", "fi",
    "fo", "ga", "gl", "hr", "ht", "hu", "id", "is", "jv", "ku", "la", "lb", "lt", "lv", "mg",
    "ms", "mt",
    "nb", "nl", "nn", "no", "oc", "pl", "qu", "ro", "sk", "sl", "sq", "so", "su", "sv",
    "sw", "tl", "tr", "uz", "vi", "vo", "wa", "xh", "zu",
))  # fmt: skip
OTHER_CYRILLIC = frozenset("іїєґўјљњђћѓќѕџәғқңөұүһӣҷ")
PLACEHOLDERS = re.compile(rf"\b(?:{ADDRESS}|{PERSON})\b")
NOT_LETTERS = re.compile(r"[\W\d_]+")
LATIN, CYRILLIC = re.compile(r"[a-zà-ɏ]"), re.compile(r"[\u0400-\u052f]")
MODEL = "data/model.npz.xz"  # inside the package, under the folder of its code


@dataclass(frozen=True)
class ByteModel:
    """The model of py3langid: an automaton over bytes, and weights of n-grams per
    language: the supported ones in their order, then foreign ones of the Latin script."""

    moves: npt.NDArray[np.int64]
    rows: npt.NDArray[np.int64]
    outputs: npt.NDArray[np.int64]
    weights: npt.NDArray[np.float32]
    priors: npt.NDArray[np.float32]


@dataclass(frozen=True)
class Visits:
    """How often the automaton came to which n-gram (feature), text after text, in the order of
    their first visits; `sizes`: different n-grams per text."""

    sizes: npt.NDArray[np.int64]
    features: npt.NDArray[np.int64]
    counts: npt.NDArray[np.float32]

    def of(self, rows: npt.NDArray[np.int64]) -> Visits:
        """Those of some texts, ascending."""
        wanted = np.zeros(len(self.sizes), dtype=bool)
        wanted[rows] = True
        kept = np.repeat(wanted, self.sizes)
        return Visits(self.sizes[rows], self.features[kept], self.counts[kept])


def identify(texts: Sequence[str]) -> tuple[npt.NDArray[np.str_], Floats]:
    """Codes and confidences (0..1) of normalised texts: a supported language, `und` or
    `unsupported`. Each distinct text is examined once."""
    places: dict[str, int] = {}
    inverse = [places.setdefault(text, len(places)) for text in texts]
    found = [_by_rules(text) for text in places]
    open_rows = [row for row, (code, _, _) in enumerate(found) if code is None]
    codes = np.array([code or UNDETERMINED for code, _, _ in found], dtype="<U11")
    confidence = np.array([sure for _, sure, _ in found], dtype=np.float64)
    if open_rows:
        guessed, sure = _by_model([found[row][2] for row in open_rows])
        codes[open_rows], confidence[open_rows] = guessed, sure
    return codes[inverse], confidence[inverse]


def _by_rules(text: str) -> tuple[str | None, float, str]:
    """(code or None if a model must tell, confidence, the letters that a model reads)."""
    known = short_phrases().get(text.strip(" .!?"))
    if known:
        return known, 1.0, ""
    kept = PLACEHOLDERS.sub(" ", text) if ADDRESS in text or PERSON in text else text
    sample = NOT_LETTERS.sub(" ", kept).strip()
    spaces = sample.count(" ")
    letters = len(sample) - spaces
    if letters < LEAST_LETTERS:
        return UNDETERMINED, 0.0, ""
    plain = len(sample.encode("ascii", "ignore")) - spaces
    if plain * 2 <= letters:  # else most are Latin, whatever the others
        latin, cyrillic = len(LATIN.findall(sample)), len(CYRILLIC.findall(sample))
        if (latin + cyrillic) * 2 < letters:
            return UNSUPPORTED, 1.0, ""
        if cyrillic > latin:
            if not OTHER_CYRILLIC.isdisjoint(sample):
                return UNSUPPORTED, 1.0, ""
            return "ru", 1.0, ""
    return None, 0.0, sample[:LONGEST_SAMPLE]


def _by_model(samples: Sequence[str]) -> tuple[npt.NDArray[np.str_], Floats]:
    model = byte_model()
    encoded = [sample.encode("utf-8") for sample in samples]
    visits = _visits(model, encoded)
    lengths = np.array([max(len(text), 1) for text in encoded])
    letters = np.array([len(sample) - sample.count(" ") for sample in samples])
    supported = slice(0, len(LANGUAGES))
    mine = _probabilities(model, supported, visits, lengths)
    best = mine.argmax(axis=1)
    confidence = mine[np.arange(len(samples)), best]
    codes = np.array(LANGUAGES, dtype="<U11")[best]
    codes[(confidence < LEAST_CONFIDENCE) | (visits.sizes == 0)] = UNDETERMINED
    rows = np.flatnonzero((letters >= LEAST_FOREIGN_LETTERS) & (confidence < SURE))
    if len(rows):
        every = _probabilities(model, slice(None), visits.of(rows), lengths[rows])
        is_foreign = every[:, len(LANGUAGES) :].max(axis=1) >= FOREIGN_CONFIDENCE
        codes[rows[is_foreign]] = UNSUPPORTED
    return codes, confidence


def _probabilities(model: ByteModel, languages: slice, visits: Visits, lengths: Any) -> Floats:
    sizes, counts = visits.sizes, np.log1p(visits.counts)
    scores = np.tile(model.priors[languages].astype(np.float64), (len(sizes), 1))
    held = np.flatnonzero(sizes)
    if len(held):
        weighted = model.weights[visits.features, languages] * counts[:, None]
        scores[held] += np.add.reduceat(weighted, (np.cumsum(sizes) - sizes)[held], axis=0)
    # The root of the length keeps the softmax honest for short and long texts alike.
    scores /= np.sqrt(lengths)[:, None]
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def _visits(model: ByteModel, texts: Sequence[bytes]) -> Visits:
    """Runs the automaton over all texts at once, a byte of each at a time, the longest first."""
    lengths = np.array([len(text) for text in texts], dtype=np.int64)
    longest = int(lengths.max(initial=0))
    padded = np.frombuffer(b"".join(text.ljust(longest, b"\0") for text in texts), dtype=np.uint8)
    order = np.argsort(-lengths, kind="stable")
    columns = np.ascontiguousarray(padded.reshape(len(texts), longest)[order].T)
    # Of so many texts there is a byte at each place.
    going_on = len(texts) - np.searchsorted(lengths[order][::-1], np.arange(longest), "right")
    states = np.zeros(len(texts), dtype=np.int64)
    found = np.full((longest, len(texts)), -1, dtype=np.int64)
    for place, count in enumerate(going_on):
        states = model.moves[model.rows[states[:count]] + columns[place, :count]]
        found[place, :count] = model.outputs[states]
    by_text = np.empty_like(found.T)
    by_text[order] = found.T
    text_of, place_of = np.nonzero(by_text >= 0)
    features = len(model.weights)
    keys, first, counts = np.unique(
        text_of * features + by_text[text_of, place_of], return_index=True, return_counts=True
    )
    as_visited = np.argsort(first)
    visited = keys[as_visited]
    return Visits(
        np.bincount(visited // features, minlength=len(texts)),
        visited % features,
        counts[as_visited].astype(np.float32),
    )


@cache
def byte_model() -> ByteModel:
    """The packaged model, read once a process; no file outside the package, no network."""
    from py3langid.langid import LanguageIdentifier  # noqa: PLC0415 (only when it is needed)

    loaded: LanguageIdentifier = LanguageIdentifier.from_model_file(MODEL)
    classes = list(loaded.nb_classes)
    foreign = [code for code in dict.fromkeys(classes) if code in LATIN_FOREIGN]
    kept = [classes.index(code) for code in (*LANGUAGES, *foreign)]
    return ByteModel(
        moves=np.asarray(loaded.tk_nextmove, dtype=np.int64),
        rows=np.asarray(loaded.tk_row, dtype=np.int64) << 8,
        outputs=np.asarray(loaded.tk_output, dtype=np.int64),
        weights=np.ascontiguousarray(np.asarray(loaded.nb_ptc, dtype=np.float32)[:, kept]),
        priors=np.asarray(loaded.nb_pc, dtype=np.float32)[kept],
    )
