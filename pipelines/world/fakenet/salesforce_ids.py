"""Ids of Salesforce: 15 characters that differ by case, and three that tell the case of the rest.

The last three make the ids differ for those who compare without case: each stands for five
characters, a bit for every capital letter.
"""

from __future__ import annotations

from pipelines.world.deals import OWNERS
from pipelines.world.fakenet.facade import stable_hex

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
CHECKS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
ORG, NUMBER_LENGTH, PART = "gK00", 8, 5
PREFIXES = {"C": "001", "K": "003", "L": "00Q", "D": "006", "T": "500", "A": "00T", "M": "00U"}
HASHED_BITS = 10**12  # ids without a number of their own; fits eight characters of base 62


def salesforce_id(object_id: str) -> str:
    """The id of a contact (`K…`), lead (`L…`), company, deal, ticket, call, meeting or owner."""
    if object_id in OWNERS:
        return numbered("005", OWNERS.index(object_id) + 1)
    number, _, twin = object_id[1:].partition("-")
    return numbered(PREFIXES[object_id[0]], 10 * int(number) + int(twin or 0))


def named(prefix: str, *parts: object) -> str:
    """The id of an object that only has a name."""
    return numbered(prefix, int(stable_hex(prefix, *parts)[:16], 16) % HASHED_BITS)


def numbered(prefix: str, number: int) -> str:
    """The id of 18 characters."""
    digits = ""
    for _ in range(NUMBER_LENGTH):
        number, digit = divmod(number, len(DIGITS))
        digits = DIGITS[digit] + digits
    return with_checks(f"{prefix}{ORG}{digits}")


def with_checks(short: str) -> str:
    """An id of 15 characters with the three that tell its capitals."""
    parts = [short[start : start + PART] for start in range(0, len(short), PART)]
    bits = (sum(c.isupper() << place for place, c in enumerate(part)) for part in parts)
    return short + "".join(CHECKS[value] for value in bits)
