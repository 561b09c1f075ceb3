"""JSON values as column values: exact, or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.contract import ColumnType
from pipelines.loading.api.values import convert

KINDS = ColumnType


def one(kind: ColumnType, value: Any) -> tuple[Any, bool]:
    found = convert(kind, [value])
    return found.values.to_pylist()[0], found.bad == (0,)


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        (KINDS.TEXT, 9007199254740993, "9007199254740993"),  # 2^53 + 1: no double holds it
        (KINDS.TEXT, True, "true"),
        (KINDS.TEXT, {"b": 1, "a": [2]}, '{"b":1,"a":[2]}'),
        (KINDS.TEXT, "", ""),
        (KINDS.INTEGER, "42", 42),
        (KINDS.INTEGER, 7.0, 7),
        (KINDS.INTEGER, 2**63 - 1, 2**63 - 1),
        (KINDS.INTEGER, "", None),
        (KINDS.DOUBLE, "0.2", 0.2),
        (KINDS.DOUBLE, 3, 3.0),
        (KINDS.BOOLEAN, "false", False),
        (KINDS.DATE, "2026-02-28", date(2026, 2, 28)),
        (KINDS.TIMESTAMP, "2026-01-06T18:40:40+0000", datetime(2026, 1, 6, 18, 40, 40, tzinfo=UTC)),
        (KINDS.TIMESTAMP, "2026-01-06T18:40:40.12Z",
         datetime(2026, 1, 6, 18, 40, 40, 120_000, tzinfo=UTC)),
        (KINDS.TIMESTAMP, "1767724840120",
         datetime(2026, 1, 6, 18, 40, 40, 120_000, tzinfo=UTC)),
        (KINDS.TIMESTAMP, "2026-07-01T00:30:00+02:00",
         datetime(2026, 6, 30, 22, 30, tzinfo=UTC)),
    ],
    ids=str,
)  # fmt: skip
def test_convert_when_readable_then_exact(kind: ColumnType, value: Any, expected: Any) -> None:
    assert one(kind, value) == (expected, False)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (KINDS.INTEGER, 2**63),
        (KINDS.INTEGER, 1.5),
        (KINDS.INTEGER, True),
        (KINDS.INTEGER, 2.0**60),  # what digits it had is lost already
        (KINDS.DOUBLE, "NaN"),
        (KINDS.DOUBLE, "1,5"),
        (KINDS.BOOLEAN, 1),
        (KINDS.TIMESTAMP, "2026-01-06T18:40:40"),  # no offset
        (KINDS.TIMESTAMP, "yesterday"),
        (KINDS.TIMESTAMP, 10**20),
        (KINDS.DATE, 20260228),
    ],
    ids=str,
)
def test_convert_when_not_exactly_readable_then_refused(kind: ColumnType, value: Any) -> None:
    assert one(kind, value) == (None, True)


def test_convert_when_text_cannot_be_stored_then_repaired_and_said() -> None:
    found = convert(KINDS.TEXT, ["fine", "nul\0here", "lone\ud800surrogate", None])
    assert found.values.to_pylist() == ["fine", "nul\ufffdhere", "lone\ufffdsurrogate", None]
    assert found.repaired == (1, 2)
    assert found.bad == ()


@given(st.lists(st.one_of(st.none(), st.text(), st.integers(), st.booleans(), st.floats())))
def test_convert_when_anything_comes_then_each_value_lands_or_is_named(values: list[Any]) -> None:
    for kind in ColumnType:
        found = convert(kind, values)
        assert len(found.values) == len(values)
        for index, value in enumerate(values):
            is_there = found.values[index].is_valid
            is_empty = value is None or (value == "" and kind is not KINDS.TEXT)
            assert is_there is not (is_empty or index in found.bad)


MICROSECONDS = st.integers(-(70 * 365) * 86_400_000_000, 129 * 365 * 86_400_000_000)
INSTANTS = MICROSECONDS.map(lambda n: datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=n))
FORMS = st.sampled_from(["seconds", "milliseconds", "microseconds"])
ENDS = st.sampled_from(["Z", "+00:00", "-03:30", "+14:00"])


@given(st.lists(st.tuples(INSTANTS, FORMS, ENDS), min_size=1))
def test_convert_when_a_column_is_read_at_once_then_as_value_by_value(
    drawn: list[tuple[datetime, str, str]],
) -> None:
    texts = [
        instant.replace(tzinfo=None).isoformat(timespec=form) + end for instant, form, end in drawn
    ]
    alone = [datetime.fromisoformat(text).astimezone(UTC) for text in texts]
    assert convert(KINDS.TIMESTAMP, texts).values.to_pylist() == alone


@pytest.mark.parametrize(
    "text", ["2026-02-30T00:00:00Z", "2026-01-01T24:00:01Z", "2026-01-01T23:59:60Z"]
)
def test_convert_when_an_instant_does_not_exist_then_it_alone_is_refused(text: str) -> None:
    found = convert(KINDS.TIMESTAMP, ["2026-01-01T00:00:00Z", text])
    assert found.bad == (1,)
    assert found.values.to_pylist() == [datetime(2026, 1, 1, tzinfo=UTC), None]
