"""The project's own lexical tables, read from `tables/*.csv` and keyed by hash for lookup."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.hashing import MODULUS, Hashes, hash_of, mixed

LEX_VERSION = 1  # raise on any change of a table
FOLDER = Path(__file__).parent / "tables"
LANGUAGES = ("en", "it", "es", "de", "fr", "pt", "ru")
CONCORD = ("it", "es", "pt", "ru", "fr")  # two negators of one window count as one
UNDETERMINED = "und"
LONGEST_PHRASE = 6  # tokens
FILTER_BITS = 18
LANGUAGE_SEEDS = np.array(
    [(1 + place) * 0xC2B2AE3D27D4EB4F % MODULUS for place in range(len(LANGUAGES) + 1)],
    dtype=np.uint64,
)  # multiples of an odd number: languages stay apart


@dataclass(frozen=True)
class Lookup:
    """Values by hash: a filter of one bit a slot turns most misses away before the search."""

    keys: Hashes
    values: npt.NDArray[np.float64]
    maybe: npt.NDArray[np.bool_]

    def find(self, keys: Hashes) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
        """Whether each key is known, and its value or 0."""
        values = np.zeros(len(keys))
        slots = (keys >> np.uint64(64 - FILTER_BITS)).view(np.int64)
        candidates = np.flatnonzero(self.maybe.take(slots))
        sought = keys[candidates]
        place = np.searchsorted(self.keys, sought)
        hits = self.keys.take(place, mode="clip") == sought
        rows = candidates[hits]
        values[rows] = self.values[place[hits]]
        found = np.zeros(len(keys), dtype=np.bool_)
        found[rows] = True
        return found, values


@dataclass(frozen=True)
class LexicalTables:
    """Lookups by language and term. `prefixes` hold what a word may begin with; `prefix_starts`
    the first letters of those, as many as the shortest has; `phrase_starts` the first words of
    `phrases`."""

    words: Lookup
    prefixes: Lookup
    prefix_starts: Lookup
    prefix_lengths: tuple[int, ...]
    negators: Lookup
    factors: Lookup
    contrasts: Lookup
    emoji: Lookup
    phrase_starts: Lookup
    phrases: Lookup
    speech_acts: Lookup


def language_key(language: int | npt.NDArray[np.int64], hashes: Hashes) -> Hashes:
    """Hashes of terms made specific to a language, by its index in LANGUAGES."""
    return mixed(hashes + LANGUAGE_SEEDS[language], 1)


@cache
def lexical_tables() -> LexicalTables:
    """All tables, once a process."""
    words: list[tuple[str, str, float]] = []
    prefixes: list[tuple[str, str, float]] = []
    for language in LANGUAGES:
        for row in _rows(f"lexicon/{language}.csv"):
            term, valence = row["term"], float(row["valence"])
            target = prefixes if term.endswith("*") else words
            target.append((language, term.rstrip("*"), valence))
    phrases = [(r["lang"], r["phrase"], float(r["valence"])) for r in _rows("phrases.csv")]
    emoji = [
        (language, row["emoji"], float(row["valence"]))
        for row in _rows("emoji.csv")
        for language in (*LANGUAGES, UNDETERMINED)
    ]
    lengths = tuple(sorted({len(term) for _, term, _ in prefixes}))
    return LexicalTables(
        words=_lookup(words),
        prefixes=_lookup(prefixes),
        prefix_starts=_lookup((lang, term[: lengths[0]], 1.0) for lang, term, _ in prefixes),
        prefix_lengths=lengths,
        negators=_lookup((r["lang"], r["term"], 1.0) for r in _rows("negators.csv")),
        factors=_lookup(
            (r["lang"], r["term"], float(r["factor"])) for r in _rows("intensifiers.csv")
        ),
        contrasts=_lookup((r["lang"], r["term"], 1.0) for r in _rows("contrast.csv")),
        emoji=_lookup(emoji),
        phrase_starts=_lookup((lang, text.split(" ")[0], 1.0) for lang, text, _ in phrases),
        phrases=_lookup(phrases),
        speech_acts=_lookup((r["lang"], r["term"], 1.0) for r in _rows("speech_acts.csv")),
    )


@cache
def short_phrases() -> dict[str, str]:
    """Normalised short messages and the one language each belongs to."""
    found: dict[str, set[str]] = {}
    for row in _rows("short_phrases.csv"):
        found.setdefault(row["phrase"], set()).add(row["lang"])
    return {text: next(iter(langs)) for text, langs in found.items() if len(langs) == 1}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _lookup(entries: Iterable[tuple[str, str, float]]) -> Lookup:
    by_key: dict[int, float] = {}
    for language, term, value in entries:
        place = LANGUAGES.index(language) if language in LANGUAGES else len(LANGUAGES)
        key = language_key(place, np.array([hash_of(term)], dtype=np.uint64))
        by_key[int(key[0])] = value
    keys = np.array(sorted(by_key), dtype=np.uint64)
    maybe = np.zeros(1 << FILTER_BITS, dtype=np.bool_)
    maybe[keys >> np.uint64(64 - FILTER_BITS)] = True
    return Lookup(keys, np.array([by_key[int(key)] for key in keys]), maybe)
