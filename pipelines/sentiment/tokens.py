"""A batch of normalised texts as arrays of tokens; placeholders of links and people left out.

Nothing is learnt from a link or a name, so adding or changing one cannot move a score.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.characters import Kind, Points, character_tables, to_points
from pipelines.sentiment.hashing import Hashes, Indices, Substrings, substrings
from pipelines.sentiment.normalise import ADDRESS, END, PERSON

BLANK = 0x20


@dataclass(frozen=True)
class Tokens:
    """Tokens of a batch, in order. `points`: code points, each message as ` token token ` between
    U+0000; `begins`, `ends`: places of a token; `message`: the message it belongs to; `kind`: the
    Kind of its first point; `hashes`: its hash; `bounds`: place of each message's U+0000."""

    points: Points
    sums: Substrings
    bounds: Indices
    begins: Indices
    ends: Indices
    message: Indices
    kind: npt.NDArray[np.uint8]
    hashes: Hashes
    message_count: int


def tokens_of(texts: Sequence[str]) -> Tokens:
    """Tokens of normalised texts."""
    joined = " \0 ".join(["", *texts, ""])
    for placeholder in (f" {ADDRESS} ", f" {PERSON} "):
        while placeholder in joined:  # of several in a row each turn takes every other one
            joined = joined.replace(placeholder, " ")
    while "  " in joined:
        joined = joined.replace("  ", " ")
    points = to_points(joined.strip(" "))
    is_blank = (points == BLANK) | (points == 0)
    begins = np.flatnonzero(is_blank[:-1] & ~is_blank[1:]) + 1
    ends = np.flatnonzero(~is_blank[:-1] & is_blank[1:]) + 1
    bounds = np.flatnonzero(points == 0)
    sums = substrings(points)
    return Tokens(
        points=points,
        sums=sums,
        bounds=bounds,
        begins=begins,
        ends=ends,
        message=np.searchsorted(bounds, begins, side="right") - 1,
        kind=character_tables().kind.take(points[begins]),
        hashes=sums.of(begins, ends),
        message_count=len(texts),
    )


def text_of(tokens: Tokens, token: int) -> str:
    """One token's text."""
    piece = tokens.points[tokens.begins[token] : tokens.ends[token]]
    return "".join(map(chr, piece))


def word_counts(tokens: Tokens) -> Indices:
    """Number of word tokens of each message."""
    is_word = tokens.kind == Kind.WORD
    return np.bincount(tokens.message[is_word], minlength=tokens.message_count).astype(np.int64)


__all__ = ["END", "Tokens", "text_of", "tokens_of", "word_counts"]
