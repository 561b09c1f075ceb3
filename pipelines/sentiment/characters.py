"""What each Unicode code point is to the normaliser, as tables indexed by code point.

Tables instead of `str` methods: lower-casing a joined batch would make a score depend on its
neighbours (Greek final sigma) and could change lengths; a table maps one point to one point.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
import numpy.typing as npt

Points = npt.NDArray[np.uint32]

UNICODE_SIZE = 0x110000
FIRST_RARE_PLANE = 0x20000  # above: ideographs, then tags and private use; no cased letters
DROPPED = 0x110000  # not a code point: marks what is removed
REPLACEMENT = 0xFFFD
SURROGATES = (0xD800, 0xE000)
PRIVATE = (0xE000, 0xF900)  # the normaliser uses two of them itself
JOINER = 0x200D
APOSTROPHE = 0x27
ZERO = 0x30
UPPER_CASE = 1 << 32  # more than there are letters in a batch

SEPARATORS = "\n\r\t\v\f\x1c\x1d\x1e\x1f\x85\u2028\u2029"
INVISIBLE = (
    (0xAD, 0xAE), (0x200B, 0x200D), (0x200E, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070),
    (0x20E3, 0x20E4), (0xFE00, 0xFE10), (0xFEFF, 0xFF00), (0x1F3FB, 0x1F400), (0xE0000, 0xE0200),
)  # fmt: skip  # half-open ranges: marks of direction, variation selectors, skin tones, tags
EMOJI = (
    (0x231A, 0x231C), (0x23E9, 0x23FB), (0x2600, 0x27C0), (0x2B05, 0x2B08), (0x2B1B, 0x2B1D),
    (0x2B50, 0x2B51), (0x2B55, 0x2B56), (0x1F000, 0x1F1E6), (0x1F200, 0x1FB00),
)  # fmt: skip  # half-open ranges
FLAG_LETTERS = (0x1F1E6, 0x1F200)
APOSTROPHES = "\u2019\u2018\u02bc\u02b9\u0060\u00b4\u2032\uff07"
PLAIN = (
    (0x00, 0xAD), (0xAE, 0x130), (0x132, 0x180), (0x400, 0x482), (0x490, 0x530),
    (0x2010, 0x2028), (0x2030, 0x205F), (0x20A0, 0x20C0), (0x2600, 0x27C0),
    (0x1F300, 0x1F3FB), (0x1F400, 0x1FB00),
)  # fmt: skip  # half-open ranges whose text one pass brings to rest; the rest is passed again


class Kind(IntEnum):
    """Kinds of code point; a token is a run of one kind, an emoji is a token by itself."""

    END = 0  # the separator of messages, U+0000
    SPACE = 1
    WORD = 2
    DIGIT = 3
    SIGN = 4
    EMOJI = 5
    FLAG = 6


@dataclass(frozen=True)
class CharacterTables:
    """Arrays indexed by code point. `fold`: what replaces a point before tokens are found;
    `lower`: the lower-case point, digits as zero; `kind`: its Kind; `is_plain`; `cases`: 1 for
    a letter, and UPPER_CASE more for one in upper case, so that one sum counts both."""

    fold: Points
    lower: Points
    kind: npt.NDArray[np.uint8]
    is_plain: npt.NDArray[np.bool_]
    cases: npt.NDArray[np.int64]


@cache
def character_tables() -> CharacterTables:
    """The tables of this Python's Unicode version; built once, in about 0.1 s."""
    lower = np.arange(UNICODE_SIZE, dtype=np.uint32)
    kind = np.full(UNICODE_SIZE, Kind.WORD, dtype=np.uint8)
    is_upper = np.zeros(UNICODE_SIZE, dtype=np.bool_)
    for point in range(FIRST_RARE_PLANE):
        letter = chr(point)
        category = unicodedata.category(letter)
        if category[0] not in "LM":
            kind[point] = Kind.SPACE if category in ("Zs", "Zl", "Zp", "Cc") else Kind.SIGN
        if category == "Nd":
            kind[point], lower[point] = Kind.DIGIT, ZERO
        elif category in ("Lu", "Lt"):
            is_upper[point] = True
            lowered = letter.lower()
            lower[point] = ord(lowered) if len(lowered) == 1 else ord(lowered[0])
    lower[[0x401, 0x451]] = 0x435  # Russian yo is mostly written as ye
    for start, stop in EMOJI:
        kind[start:stop] = Kind.EMOJI
    kind[slice(*FLAG_LETTERS)] = Kind.FLAG
    kind[0] = Kind.END
    is_plain = np.zeros(UNICODE_SIZE, dtype=np.bool_)
    for start, stop in PLAIN:
        is_plain[start:stop] = True
    cases = (kind == Kind.WORD) + is_upper * np.int64(UPPER_CASE)
    return CharacterTables(_fold(kind), lower, kind, is_plain, cases)


def _fold(kind: npt.NDArray[np.uint8]) -> Points:
    fold = np.arange(UNICODE_SIZE, dtype=np.uint32)
    fold[kind == Kind.SPACE] = ord(" ")
    fold[[ord(mark) for mark in SEPARATORS]] = ord(" ")
    fold[[ord(mark) for mark in APOSTROPHES]] = APOSTROPHE
    fold[slice(*SURROGATES)] = REPLACEMENT
    fold[slice(*PRIVATE)] = REPLACEMENT
    for start, stop in INVISIBLE:
        fold[start:stop] = DROPPED
    fold[0] = 0
    return fold


def to_points(text: str) -> Points:
    """Code points of a text; surrogates stay as they are."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")


def to_text(points: Points) -> str:
    """The text of code points without surrogates."""
    return points.astype("<u4", copy=False).tobytes().decode("utf-32-le")
