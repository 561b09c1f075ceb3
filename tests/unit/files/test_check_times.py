# ruff: noqa: DTZ001 - wall clock times are the subject
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.files import zones
from pipelines.files.feeds import Format
from tests.unit.files.reading import NOW, order_feed, read_all, write

CONNECTION = duckdb.connect(":memory:")


def _read(tmp_path: Path, text: str, **feed: Any) -> tuple[datetime | None, list[tuple[str, str]]]:
    path = write(tmp_path / "a.csv", f"id|at|sum|currency\no1|{text}|1|EUR\n")
    tables, rejects, _ = read_all(order_feed(delimiter="|", **feed), path)
    times = tables["orders"]["ordered_at"].to_pylist()
    return (times[0] if times else None), [(r["reason"], r["action"]) for r in rejects]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2024-01-05", datetime(2024, 1, 4, 23)),
        ("2024-01-05T10:00", datetime(2024, 1, 5, 9)),
        ("2024-01-05 10:00:00.123456", datetime(2024, 1, 5, 9, 0, 0, 123456)),
        ("2024-01-05T10:00:00Z", datetime(2024, 1, 5, 10)),
        ("2024-01-05T10:00:00+05:30", datetime(2024, 1, 5, 4, 30)),
        ("2024-01-05 10:00:00 -0800", datetime(2024, 1, 5, 18)),
        ("2024-01-05T10:00+03", datetime(2024, 1, 5, 7)),
        ("2024-01-05 10:00:00 UTC", datetime(2024, 1, 5, 10)),
        (" 2024-07-05 10:00:00 ", datetime(2024, 7, 5, 8)),
    ],
)
def test_timestamp_in_iso_form_is_placed_by_its_offset_or_the_feeds_zone(
    tmp_path: Path, text: str, expected: datetime
) -> None:
    found, rejects = _read(tmp_path, text, time_zone="Europe/Rome")
    assert (found, rejects) == (expected.replace(tzinfo=UTC), [])


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("05/01/2024", "bad_type"),
        ("2024-02-30", "bad_type"),
        ("2024-01-05 24:00:00", "bad_type"),
        ("1704448800", "bad_type"),
        ("yesterday", "bad_type"),
        ("infinity", "bad_type"),
        ("", "missing_key"),
        ("0001-01-01", "bad_time"),
        ("9999-12-31", "bad_time"),
        ("1989-12-31T23:59:59Z", "bad_time"),
        ("2026-07-02T00:00:01Z", "bad_time"),
    ],
)
def test_timestamp_that_cannot_be_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    assert _read(tmp_path, text) == (None, [(reason, "rejected")])


def test_timestamp_less_than_a_day_ahead_is_accepted(tmp_path: Path) -> None:
    found, rejects = _read(tmp_path, "2026-07-01T23:59:59Z")
    assert (found, rejects) == (NOW + timedelta(hours=23, minutes=59, seconds=59), [])


@pytest.mark.parametrize(
    ("text", "expected", "repairs"),
    [
        # 2025-03-30 02:00 → 03:00 in Rome; 2025-10-26 03:00 → 02:00.
        ("2025-03-30 01:59:59", datetime(2025, 3, 30, 0, 59, 59), []),
        ("2025-03-30 02:30:00", datetime(2025, 3, 30, 1, 30), [("dst_gap", "repaired")]),
        ("2025-03-30 03:00:00", datetime(2025, 3, 30, 1), []),
        ("2025-10-26 02:30:00", datetime(2025, 10, 26, 0, 30), [("dst_overlap", "repaired")]),
        ("2025-10-26 03:00:00", datetime(2025, 10, 26, 2), []),
    ],
)
def test_timestamp_at_a_clock_change_moves_forward_or_takes_the_first(
    tmp_path: Path, text: str, expected: datetime, repairs: list[tuple[str, str]]
) -> None:
    found, rejects = _read(tmp_path, text, time_zone="Europe/Rome")
    assert (found, rejects) == (expected.replace(tzinfo=UTC), repairs)


@settings(max_examples=100, deadline=None)
@given(
    st.datetimes(datetime(1990, 1, 2), datetime(2027, 12, 30)).map(
        lambda moment: moment.replace(microsecond=0)
    ),
    st.sampled_from(
        ["Europe/Rome", "America/Los_Angeles", "Australia/Lord_Howe", "Africa/Casablanca",
         "Asia/Kolkata", "America/Sao_Paulo", "Europe/Moscow", "Pacific/Apia", "UTC"]
    ),
)  # fmt: skip
def test_zone_offsets_of_any_wall_clock_time_equal_zoneinfo(wall: datetime, name: str) -> None:
    code = zones.local_code("x", name, 2027)
    row = CONNECTION.execute(
        f"SELECT {zones.code_offset(code)}, {zones.code_kind(code)} FROM (SELECT ?::TIMESTAMP x)",
        [wall],
    ).fetchone()
    first = wall.replace(tzinfo=ZoneInfo(name))
    offset = first.utcoffset()
    assert row is not None
    assert offset is not None
    assert row[0] == offset.total_seconds()
    is_gap = first.astimezone(UTC).astimezone(ZoneInfo(name)).replace(tzinfo=None) != wall
    is_twice = not is_gap and first.replace(fold=1).utcoffset() != offset
    assert row[1] == (zones.GAP if is_gap else zones.OVERLAP if is_twice else zones.PLAIN)


def test_timestamp_with_declared_formats_tries_them_in_order(tmp_path: Path) -> None:
    formats = ("%d/%m/%Y %H:%M", "%a %b %d %H:%M:%S %z %Y")
    found, _ = _read(tmp_path, "03/04/2024 10:00", date_formats=formats)
    assert found == datetime(2024, 4, 3, 10, tzinfo=UTC)
    found, _ = _read(
        tmp_path, "Tue Oct 31 22:10:47 +0200 2017", date_formats=formats, time_zone="Asia/Tokyo"
    )
    assert found == datetime(2017, 10, 31, 20, 10, 47, tzinfo=UTC)
    assert _read(tmp_path, "13/13/2024 10:00", date_formats=formats)[1] == [
        ("bad_type", "rejected")
    ]


@pytest.mark.parametrize(
    ("unit", "text"), [("s", "1704448800"), ("ms", "1704448800000"), ("us", "1704448800000000")]
)
def test_timestamp_as_epoch_number_needs_the_declared_unit(
    tmp_path: Path, unit: str, text: str
) -> None:
    found, rejects = _read(tmp_path, text, epoch_unit=unit)
    assert (found, rejects) == (datetime(2024, 1, 5, 10, tzinfo=UTC), [])


def test_timestamp_typed_without_zone_is_placed_in_the_feeds_zone(tmp_path: Path) -> None:
    values = pa.array([datetime(2025, 7, 1, 12)], pa.timestamp("ns"))
    table = pa.table({"id": ["o1"], "at": values, "sum": [1], "currency": ["EUR"]})
    pq.write_table(table, tmp_path / "a.parquet")
    feed = order_feed(format="parquet", time_zone="Europe/Rome")
    rows = read_all(feed, tmp_path / "a.parquet")[0]["orders"].to_pylist()
    assert rows[0]["ordered_at"] == datetime(2025, 7, 1, 10, tzinfo=UTC)


def test_date_is_the_one_written_and_of_an_instant_the_one_in_the_zone(tmp_path: Path) -> None:
    feed = order_feed(time_zone="America/New_York", date_formats=("%d.%m.%Y",))
    costs = feed.model_validate(
        feed.model_dump(by_alias=True)
        | {
            "entities": [
                {
                    "entity": "costs",
                    "columns": {
                        "cost_id": "id",
                        "kind": {"value": "tool"},
                        "cost_date": "at",
                        "amount_minor": "sum",
                        "currency": "currency",
                    },
                }
            ]
        }
    )
    body = (
        "id,at,sum,currency\n1,2024-01-05,1,EUR\n"
        "2,2024-01-05T23:30:00-05:00,1,EUR\n3,05.01.2024,1,EUR\n"
    )
    tables, rejects, _ = read_all(costs, write(tmp_path / "a.csv", body))
    assert (tables["costs"]["cost_date"].to_pylist(), rejects) == ([date(2024, 1, 5)] * 3, [])
    instants = pa.array([datetime(2024, 1, 6, 3, tzinfo=UTC)], pa.timestamp("us", "UTC"))
    table = pa.table({"id": ["1"], "at": instants, "sum": [1], "currency": ["EUR"]})
    pq.write_table(table, tmp_path / "a.parquet")
    typed = costs.model_copy(update={"format": Format.PARQUET})
    rows = read_all(typed, tmp_path / "a.parquet")[0]["costs"].to_pylist()
    assert rows[0]["cost_date"] == date(2024, 1, 5)
