"""Hashes of every substring of a batch, from one running sum.

With B odd, hash(i, L) = (sum of c_j B^j for j in i..i+L-1) x B^-i modulo 2^64 is the polynomial
hash of the substring alone: it does not depend on where, or beside what, the substring stands.
The running sum is computed once a batch; each n-gram then costs a subtraction and a product.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]
Indices = npt.NDArray[np.int64]

MODULUS = 1 << 64
BASE = 0x9E3779B97F4A7C15  # odd; the golden ratio in 64 bits
INVERSE = pow(BASE, -1, MODULUS)
MIX = 0xFF51AFD7ED558CCD  # odd, from Appleby's 64-bit finaliser; odd powers of it are the seeds
SMALLEST_TABLE = 1 << 16


@dataclass(frozen=True)
class Substrings:
    """Running sums over the code points of a batch."""

    sums: Hashes
    inverses: Hashes

    def of(self, starts: Indices, ends: Indices) -> Hashes:
        """Hashes of the substrings [start, end)."""
        return (self.sums[ends] - self.sums[starts]) * self.inverses[starts]

    def grams(self, length: int) -> Hashes:
        """Hashes of the substrings of one length that begin at each position, in order."""
        result: Hashes = self.sums[length:] - self.sums[:-length]
        result *= self.inverses[: len(result)]
        return result


def substrings(points: npt.NDArray[np.uint32]) -> Substrings:
    """Running sums of a batch's code points."""
    size = max(SMALLEST_TABLE, 1 << len(points).bit_length())
    powers, inverses = _powers(size)
    sums = np.zeros(len(points) + 1, dtype=np.uint64)
    # One is added so that U+0000 counts too.
    np.cumsum((points.astype(np.uint64) + np.uint64(1)) * powers[: len(points)], out=sums[1:])
    return Substrings(sums, inverses)


def hash_of(text: str) -> int:
    """The hash of one text: what `Substrings.of` gives for it wherever it stands."""
    total = sum((ord(letter) + 1) * pow(BASE, place, MODULUS) for place, letter in enumerate(text))
    return total % MODULUS


def mixed(hashes: Hashes, seed: int) -> Hashes:
    """Hashes times an odd number of the seed's own, which keeps kinds of feature apart. The high
    bits depend on every bit of the hash; use those."""
    return hashes * np.uint64(pow(MIX, 2 * seed + 1, MODULUS))


@cache
def _powers(size: int) -> tuple[Hashes, Hashes]:
    powers = np.full(size, BASE, dtype=np.uint64)
    inverses = np.full(size, INVERSE, dtype=np.uint64)
    powers[0] = inverses[0] = 1
    return np.cumprod(powers), np.cumprod(inverses)
