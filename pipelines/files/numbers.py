"""Numbers as people write them, as SQL: declared signs only, never guessed."""

from __future__ import annotations

import re

# ISO 4217: minor units of a currency where they are not two.
EXPONENTS = {
    "BIF": 0, "CLP": 0, "DJF": 0, "GNF": 0, "ISK": 0, "JPY": 0, "KMF": 0, "KRW": 0, "PYG": 0,
    "RWF": 0,
    "UGX": 0, "UYI": 0, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
    "BHD": 3, "IQD": 3, "JOD": 3, "KWD": 3, "LYD": 3, "OMR": 3, "TND": 3,
    "CLF": 4, "UYW": 4,
}  # fmt: skip
DEFAULT_EXPONENT = 2
FIRST_INEXACT_DOUBLE = 2**53  # it and all above may stand for a neighbour


def quoted(text: str) -> str:
    """An SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def canonical(
    text: str, decimal: str = ".", thousands: str = "", has_exponent: bool = False
) -> str:
    """SQL: a number text of the declared signs as `-1234.56`; NULL when it is none.

    Thousands must stand in groups of three: `1,234.56` where the comma is the decimal sign is no
    number.
    """
    point = re.escape(decimal)
    whole = rf"[0-9]{{1,3}}(?:{re.escape(thousands)}[0-9]{{3}})+|[0-9]+" if thousands else "[0-9]+"
    power = "(?:[eE][+-]?[0-9]{1,3})?" if has_exponent else ""
    pattern = rf"[+-]?(?:(?:{whole})(?:{point}[0-9]+)?|{point}[0-9]+){power}"
    trimmed = f"trim({text})"
    plain = f"replace({trimmed}, {quoted(thousands)}, '')" if thousands else trimmed
    plain = f"replace({plain}, {quoted(decimal)}, '.')" if decimal != "." else plain
    return f"CASE WHEN regexp_full_match({trimmed}, {quoted(pattern)}) THEN ltrim({plain}, '+') END"


def integer(number: str) -> str:
    """SQL: BIGINT of a canonical number without a fraction (`3.0` has none); NULL else."""
    return (
        f"CASE WHEN rtrim(split_part({number}, '.', 2), '0') = ''"
        f" THEN try_cast(split_part({number}, '.', 1) AS BIGINT) END"
    )


def double(number: str) -> str:
    """SQL: DOUBLE of a canonical number; NULL from 2^53 on,
    where whole numbers stop being exact."""
    value = f"try_cast({number} AS DOUBLE)"
    return f"CASE WHEN abs({value}) < {FIRST_INEXACT_DOUBLE} THEN {value} END"


def exponent(currency: str) -> str:
    """SQL: decimals of a currency code; two where it is unknown or NULL."""
    groups: dict[int, list[str]] = {}
    for code, digits in EXPONENTS.items():
        groups.setdefault(digits, []).append(quoted(code))
    branches = " ".join(
        f"WHEN {currency} IN ({', '.join(codes)}) THEN {digits}" for digits, codes in groups.items()
    )
    return f"CASE {branches} ELSE {DEFAULT_EXPONENT} END"


def minor_units(number: str, decimals: str) -> str:
    """SQL: BIGINT minor units of a canonical number in major units; NULL when it has more decimals
    than allowed.
    """
    fraction = f"rtrim(split_part({number}, '.', 2), '0')"
    return (
        f"CASE WHEN strlen({fraction}) <= {decimals} THEN"
        f" try_cast(split_part({number}, '.', 1) || rpad({fraction}, {decimals}, '0')"
        " AS BIGINT) END"
    )


def significant_digits(number: str) -> str:
    """SQL: count of digits from the first to the last that is not 0."""
    return rf"strlen(trim(regexp_replace({number}, '[^0-9]', '', 'g'), '0'))"
