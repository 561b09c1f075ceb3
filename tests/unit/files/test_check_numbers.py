"""Numbers and money against Python's Decimal, an independent reading of the same texts."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.files import numbers
from tests.unit.files.reading import make_feed, order_feed, read_all, write

CONNECTION = duckdb.connect(":memory:")


def _one(sql: str, text: str) -> int | float | str | None:
    row = CONNECTION.execute(f"SELECT {sql} FROM (SELECT ?::VARCHAR AS x)", [text]).fetchone()
    assert row is not None
    value: int | float | str | None = row[0]
    return value


def _oracle(text: str, decimal: str, thousands: str) -> Decimal | None:
    """What a strict person reads: groups of three only, the declared signs only."""
    body = text.strip(" ")
    sign = ""
    if body[:1] in ("+", "-"):
        sign, body = body[0], body[1:]
    whole, point, fraction = body.partition(decimal)
    if point and not fraction:
        return None
    if thousands and thousands in whole:
        first, *groups = whole.split(thousands)
        if not 1 <= len(first) <= 3 or any(len(g) != 3 for g in groups):
            return None
        whole = first + "".join(groups)
    if not whole and not point:
        return None
    if not re.fullmatch("[0-9]*", whole) or not re.fullmatch("[0-9]*", fraction):
        return None
    return Decimal(f"{sign}{whole or '0'}.{fraction or '0'}")


dialects = st.sampled_from([(".", ""), (".", ","), (",", "."), (",", " "), (",", ""), (".", "'")])
number_texts = st.one_of(
    st.text(alphabet="0123456789.,+-' e", max_size=14),
    st.from_regex(r"\A-?[0-9]{1,3}([.,' ][0-9]{3}){0,3}([.,][0-9]{1,4})?\Z"),
)


@settings(max_examples=150, deadline=None)
@given(number_texts, dialects, st.sampled_from([0, 2, 3]))
def test_minor_units_of_any_text_equal_decimal_arithmetic(
    text: str, dialect: tuple[str, str], exponent: int
) -> None:
    expected = _oracle(text, *dialect)
    minor = None if expected is None else expected.scaleb(exponent)
    if minor is not None and (minor != int(minor) or abs(minor) >= 2**63):
        minor = None
    assert _one(numbers.minor_units(numbers.canonical("x", *dialect), str(exponent)), text) == minor


@settings(max_examples=100, deadline=None)
@given(number_texts, dialects)
def test_integer_of_any_text_equals_decimal_arithmetic(text: str, dialect: tuple[str, str]) -> None:
    expected = _oracle(text, *dialect)
    if expected is not None and (expected != int(expected) or abs(expected) >= 2**63):
        expected = None
    if expected is not None and not re.search("[0-9]", re.split(re.escape(dialect[0]), text)[0]):
        return  # `.0` has no whole part: not read as an integer
    assert _one(numbers.integer(numbers.canonical("x", *dialect)), text) == expected


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1.234,56", "EUR", 123_456),
        ("1 234", "EUR", None),
        ("-0,5", "EUR", None),  # money of an order is never negative
        ("1.234", "JPY", 1_234),
        ("12,5", "JPY", None),
        ("1,234", "KWD", 1_234),
        ("1,2345", "KWD", None),
        ("1,50", "XYZ", 150),
        ("1,234.56", "EUR", None),
        ("1.5K", "EUR", None),
        ("12,00 €", "EUR", None),
        ("92.233.720.368.547.758,07", "EUR", 2**63 - 1),
        ("92.233.720.368.547.758,08", "EUR", None),
    ],
)
def test_money_under_a_comma_dialect_is_exact_or_refused(
    tmp_path: Path, text: str, currency: str, minor: int | None
) -> None:
    feed = order_feed(decimal=",", thousands=".", delimiter=";")
    path = write(tmp_path / "a.csv", f"id;at;sum;currency\no1;2026-01-01;{text};{currency}\n")
    tables, rejects, _ = read_all(feed, path)
    if minor is None:
        assert tables["orders"].num_rows == 0
        expected = "out_of_range" if text.startswith("-") else "bad_type"
        assert [(r["reason"], r["field"]) for r in rejects] == [(expected, "gross_minor")]
    else:
        assert tables["orders"]["gross_minor"].to_pylist() == [minor]


@pytest.mark.parametrize(
    ("values", "minor"),
    [
        (pa.array([29.33]), 2_933),
        (pa.array([0.1 + 0.2]), None),
        (pa.array([1234567890123456.78]), None),  # a double cannot hold these cents
        (pa.array([float("nan")]), None),
        (pa.array([float("inf")]), None),
        (pa.array([12], pa.int32()), 1_200),
        (pa.array([Decimal("12.30")], pa.decimal128(12, 3)), 1_230),
        (pa.array([Decimal("12.305")], pa.decimal128(12, 3)), None),
        (pa.array(["12.30"]), None),  # a text in a file whose feed declares the comma
    ],
)
def test_money_as_typed_number_ignores_the_feeds_signs(
    tmp_path: Path, values: pa.Array, minor: int | None
) -> None:
    table = pa.table({"id": ["o1"], "at": ["2026-01-01"], "sum": values, "currency": ["eur"]})
    pq.write_table(table, tmp_path / "a.parquet")
    feed = order_feed(format="parquet", decimal=",")
    tables, rejects, _ = read_all(feed, tmp_path / "a.parquet")
    if minor is None:
        assert [(r["reason"], r["field"]) for r in rejects] == [("bad_type", "gross_minor")]
    else:
        row = tables["orders"].to_pylist()[0]
        assert (row["gross_minor"], row["currency"]) == (minor, "EUR")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("3.0", 3),
        ("3.5", None),
        ("1.2K", None),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", None),
        ("9007199254740993", 2**53 + 1),
        ("1e3", None),
        ("１２", None),
        ("NaN", None),
    ],
)
def test_integer_text_is_exact_or_refused(tmp_path: Path, text: str, expected: int | None) -> None:
    feed = order_feed(columns={"item_count": "n"})
    path = write(tmp_path / "a.csv", f"id,at,sum,currency,n\no1,2026-01-01,1,EUR,{text}\n")
    tables, rejects, _ = read_all(feed, path)
    if expected is None:
        assert [(r["reason"], r["field"]) for r in rejects] == [("bad_type", "item_count")]
    else:
        assert tables["orders"]["item_count"].to_pylist() == [expected]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4.5", 4.5),
        ("1e-3", 0.001),
        ("NaN", None),
        ("1e999", None),
        ("9007199254740993", None),
        ("", ""),
    ],
)
def test_double_text_is_finite_and_exact_or_refused(
    tmp_path: Path, text: str, expected: float | str | None
) -> None:
    feed = make_feed({"deal_id": "d", "contact_id": "c", "weight": "w"}, "deal_contacts")
    tables, rejects, _ = read_all(feed, write(tmp_path / "a.csv", f"d,c,w\n1,2,{text}\n"))
    if expected is None:
        assert [(r["reason"], r["field"]) for r in rejects] == [("bad_type", "weight")]
    else:
        assert tables["deal_contacts"]["weight"].to_pylist() == [expected or None]
