"""Reads the labelled texts that training and development use; nothing of them is kept."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.labelling import read_labels
from pipelines.sentiment.tables import LANGUAGES

NAMES = {
    "en": "english", "it": "italian", "es": "spanish", "de": "german", "fr": "french",
    "pt": "portuguese",
}  # fmt: skip
LABELS = {"negative": 0, "neutral": 1, "positive": 2}
SEED = Path(__file__).parents[1] / "seed"
OWN_WEIGHT = 3.0
HELD_OUT_MODULUS = 10  # Russian: one text in ten, by hash, is for development
WORDS_ONLY = re.compile(r"https?\S*|@\w+|[^\w\s]|\d")


@dataclass(frozen=True)
class Example:
    """A labelled text: 0 negative, 1 neutral, 2 positive; `weight` in training."""

    text: str
    label: int
    language: str
    origin: str
    weight: float = 1.0


@dataclass(frozen=True)
class DataSet:
    """One collection with its terms. `files`: name and sha256 of each file read."""

    name: str
    licence: str
    examples: tuple[Example, ...]
    files: tuple[tuple[str, str], ...]


def seed_set(weight: float) -> DataSet:
    """Sentences written for this project."""
    examples, files = [], []
    for language in LANGUAGES:
        path = SEED / f"{language}.csv"
        files.append((path.name, digest(path)))
        for row in _rows(path):
            label = LABELS[row["label"]]
            examples.append(Example(row["text"], label, language, "seed", weight))
    return DataSet("seed", "the licence of this project", tuple(examples), tuple(files))


def tweets_set(folder: Path, split: str, weight: float = 1.0) -> DataSet:
    """UMSAB, six languages; `split`: train or val. Val rows that repeat a train row are left out,
    compared without links, mentions, digits and signs."""
    examples: list[Example] = []
    files: list[tuple[str, str]] = []
    for language, name in NAMES.items():
        rows = _tweets(folder / name, split, files)
        if split != "train":
            known = {_bare(text) for text, _ in _tweets(folder / name, "train", [])}
            rows = [row for row in rows if _bare(row[0]) not in known]
        examples += [Example(text, label, language, "umsab", weight) for text, label in rows]
    licence = "Apache-2.0 repository; terms of the underlying sets and of the platform may apply"
    return DataSet("umsab", licence, tuple(examples), tuple(files))


def russian_set(folder: Path, split: str, weight: float = 1.0) -> DataSet:
    """RuSentiment's three classes; `split` val: texts whose sha256 is 0 modulo ten."""
    examples, files = [], []
    for name in ("random_posts.csv", "preselected_posts.csv"):
        path = folder / name
        files.append((name, digest(path)))
        for row in _rows(path):
            is_held_out = _hash(row["text"]) % HELD_OUT_MODULUS == 0
            if row["label"] not in LABELS or is_held_out != (split == "val"):
                continue
            example = Example(row["text"], LABELS[row["label"]], "ru", "rusentiment", weight)
            examples.append(example)
    licence = "CC BY-NC-SA 4.0: non-commercial, share-alike"
    return DataSet("rusentiment", licence, tuple(examples), tuple(files))


def labels_set(path: Path) -> DataSet:
    """Labels of one's own: a CSV of text, label, lang. They weigh more: they are of the domain."""
    texts, labels, languages = read_labels(path)
    examples = tuple(
        Example(text, label, language, "labels", OWN_WEIGHT)
        for text, label, language in zip(texts, labels, languages, strict=True)
    )
    return DataSet("labels", "your own", examples, ((path.name, digest(path)),))


def digest(path: Path) -> str:
    """sha256 of a file, hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _tweets(stem: Path, split: str, files: list[tuple[str, str]]) -> list[tuple[str, int]]:
    text = stem.with_name(f"{stem.name}.{split}_text.txt")
    labels = stem.with_name(f"{stem.name}.{split}_labels.txt")
    files += [(path.name, digest(path)) for path in _existing((text, labels))]
    return list(zip(_lines(text), map(int, _lines(labels)), strict=False))


def _existing(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if not path.is_file():
            raise SentimentConfigError("sentiment train", str(path), "no such file", "give --data")
        yield path


def _lines(path: Path) -> list[str]:
    # Not splitlines(): texts hold other separators; the last line has no newline.
    lines = path.read_text(encoding="utf-8").split("\n")
    return lines if lines[-1] else lines[:-1]


def _rows(path: Path) -> list[dict[str, str]]:
    (found,) = _existing([path])
    with found.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _bare(text: str) -> str:
    return " ".join(WORDS_ONLY.sub(" ", text.lower()).split())


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode("utf-8")).digest(), "big")
