"""Words of a text in any script, in the form in which they are compared."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections import defaultdict
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

# A letter and the marks that belong to it: decomposed accents stay inside their word.
WORD = re.compile(r"(?:[^\W\d_][\u0300-\u036F]*)+")
NOT_SAID = re.compile(r"(?:https?://|www\.)\S+|[@#][\w.]+", re.IGNORECASE)
# "— Anna" at the end is who writes, not who is written to.
SIGNATURE = re.compile(r"(?:^|\s)[-–—^~*]\s*[^\W\d_]+\.?\s*$")


class Word(NamedTuple):
    """One word: `plain` as compared; `text[start:end]` as written."""

    plain: str
    start: int
    end: int


@lru_cache(maxsize=100_000)  # a language's words come back; a hundred thousand are about 20 MB
def plain(text: str) -> str:
    """Case and accents folded: NFKC, case folded, without combining marks; й is и, ё is е."""
    if text.isascii():
        return text.lower()
    folded = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in folded if not unicodedata.combining(c))


def said(text: str) -> str:
    """What a person wrote, without links, mentions, hashtags and a closing signature.

    As long as `text` up to the signature: places in one are places in the other.
    """
    without = NOT_SAID.sub(lambda found: " " * len(found.group()), text)
    return SIGNATURE.sub("", without)


def words_in(text: str) -> list[Word]:
    """All words in order; hyphens and apostrophes end a word."""
    return [Word(plain(found.group()), found.start(), found.end()) for found in WORD.finditer(text)]


def words_of(text: str) -> list[str]:
    """All words as compared, in order."""
    return [plain(word) for word in WORD.findall(text)]


def words_listed(name: str) -> frozenset[str]:
    """A list of `words.csv` as compared: ordinary, greeting, organisation, stop_<language>."""
    return _lists()[name]


@cache
def _lists() -> dict[str, frozenset[str]]:
    text = files("pipelines.names").joinpath("words.csv").read_text(encoding="utf-8")
    found: dict[str, set[str]] = defaultdict(set)
    for row in csv.DictReader(text.splitlines()):
        found[row["list"]].add(plain(row["form"]))
    return {name: frozenset(words) for name, words in found.items()}
