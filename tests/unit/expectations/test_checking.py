"""Whole requests, judged by Great Expectations in this process (its import takes many seconds)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.records import CheckResult, Outcome, Past
from tests.support.raw import RawWarehouse
from tests.unit.expectations.judged import judged

pytestmark = pytest.mark.slow
ROWS = "raw_files.messages.row_count_against_median"
AUTHORS = "raw_files.messages.author_present_share"
NEWEST = "raw_files.messages.hours_since_newest"


def check(path: Path, *only: str, **words: Any) -> dict[str, CheckResult]:
    return judged(path, "raw", only, **words)


def messages(count: int, run_id: str = "run-2", **more: object) -> list[dict[str, object]]:
    return [
        {
            "message_id": f"{run_id}-{n}",
            "network": "x",
            "message_kind": "mention",
            "direction": "inbound",
            "author_profile_id_key": f"k1_{n}",
            "text": f"question {n}",
            "sent_at": "2026-06-30 18:00:00+00",
            "_run_id": run_id,
        }
        | more
        for n in range(count)
    ]


def history(*values: float, weekday: int = 2) -> list[Past]:
    return [Past(f"2026060{n}T020000Z", weekday, v) for n, v in enumerate(values, 1)]


@pytest.mark.parametrize(
    ("count", "outcome"),
    [(100, Outcome.PASS), (70, Outcome.PASS), (69, Outcome.WARN), (131, Outcome.WARN)],
)
def test_volume_when_against_a_median_of_100_then_warns_beyond_30_percent(
    tmp_path: Path, count: int, outcome: Outcome
) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", messages(count))
    found = check(raw.path, ROWS, baselines={ROWS: history(100, 100, 100)})[ROWS]
    assert (found.outcome, found.observed) == (outcome, count)
    assert (
        found.limit
        == "warn outside 70 to 130 rows; block below 1 rows; earlier median of 3 runs: 100"
    )


def test_volume_when_only_two_earlier_runs_then_recorded(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", messages(5))
    found = check(raw.path, ROWS, baselines={ROWS: history(100, 100)})[ROWS]
    assert (found.outcome, found.observed) == (Outcome.RECORDED, 5)


def test_volume_when_nothing_arrived_then_recorded_without_a_number(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", messages(5, run_id="run-1"))
    results = check(raw.path, baselines={ROWS: history(100, 100, 100)})
    assert (results[ROWS].outcome, results[ROWS].observed) == (Outcome.RECORDED, None)
    assert results[AUTHORS].outcome is Outcome.RECORDED
    assert not [r for r in results.values() if r.outcome is Outcome.BLOCK]


def empty_file_night(home: Path) -> RawWarehouse:
    """A feed that brought messages before brings a file without any."""
    raw = RawWarehouse(home)
    raw.land("messages", messages(5, run_id="run-1"))
    with duckdb.connect(str(raw.path)) as con:
        con.execute(
            "insert into raw_files.file_ledger by name select 'messages' as feed,"
            " 'a.csv' as file_name, 'h' as file_hash, 'snapshot' as mode, 0 as rows_read,"
            " 0 as rows_loaded, 0 as rows_rejected, now() as loaded_at, 'run-2' as run_id,"
            " 9 as ingest_seq"
        )
    return raw


def test_volume_when_a_file_came_without_rows_then_blocks_where_50_are_usual(
    tmp_path: Path,
) -> None:
    raw = empty_file_night(tmp_path)
    assert (
        check(raw.path, ROWS, baselines={ROWS: history(50, 50, 50)})[ROWS].outcome is Outcome.BLOCK
    )
    assert (
        check(raw.path, ROWS, baselines={ROWS: history(49, 49, 49)})[ROWS].outcome is Outcome.WARN
    )


def test_block_when_accepted_by_name_then_accepted_with_the_reason(tmp_path: Path) -> None:
    raw = empty_file_night(tmp_path)
    found = check(
        raw.path, ROWS, baselines={ROWS: history(50, 50, 50)}, accept={ROWS: "holiday\nof the shop"}
    )[ROWS]
    assert found.outcome is Outcome.ACCEPTED
    assert found.limit.endswith("; accepted: holiday of the shop")


@pytest.mark.parametrize(
    ("missing", "outcome"), [(5, Outcome.PASS), (6, Outcome.WARN), (31, Outcome.BLOCK)]
)
def test_authors_when_fewer_than_before_then_5_points_warn_and_30_block(
    tmp_path: Path, missing: int, outcome: Outcome
) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", messages(100 - missing))
    raw.land(
        "messages",
        [m | {"message_id": f"x{m['message_id']}", "author_profile_id_key": None}
         for m in messages(missing)],
    )  # fmt: skip
    found = check(raw.path, AUTHORS, baselines={AUTHORS: history(1.0, 1.0, 1.0)})[AUTHORS]
    assert found.outcome is outcome
    assert found.observed == pytest.approx(1 - missing / 100)


def test_freshness_when_old_then_warns_and_blocks_only_where_daily_traffic_is_usual(
    tmp_path: Path,
) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", messages(3, sent_at="2026-06-27 00:00:00+00"))  # 4 days
    assert check(raw.path, NEWEST)[NEWEST].outcome is Outcome.WARN
    daily = check(raw.path, NEWEST, baselines={NEWEST: history(6, 7, 8)})[NEWEST]
    assert (daily.outcome, daily.observed) == (Outcome.BLOCK, 96)
    rare = check(raw.path, NEWEST, baselines={NEWEST: history(90, 100, 110)})[NEWEST]
    assert rare.outcome is Outcome.WARN


def test_freshness_when_nothing_arrived_then_never_more_than_a_warning(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", messages(3, run_id="run-1", sent_at="2026-06-27 00:00:00+00"))
    assert (
        check(raw.path, NEWEST, baselines={NEWEST: history(6, 7, 8)})[NEWEST].outcome
        is Outcome.WARN
    )


def test_shares_when_one_author_repeats_one_text_then_warn(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    loop = {"author_profile_id_key": "k1_bot", "text": "buy now"}
    raw.land("messages", messages(60))
    raw.land("messages", [m | loop | {"message_id": f"x{m['message_id']}"} for m in messages(40)])
    results = check(raw.path)
    author = results["raw_files.messages.largest_author_share"]
    text = results["raw_files.messages.identical_text_share"]
    assert author.outcome is Outcome.WARN
    assert author.observed == pytest.approx(0.4)
    assert text.outcome is Outcome.WARN
    assert text.observed == pytest.approx(0.4)


def test_ids_seen_before_when_overlap_halves_then_warns(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", messages(20, run_id="run-1"))
    raw.land("messages", [m | {"_run_id": "run-2"} for m in messages(20, run_id="run-1")])
    raw.land("messages", messages(80))
    name = "raw_files.messages.ids_seen_before_share"
    found = check(raw.path, name, baselines={name: history(0.5, 0.5, 0.5)})[name]
    assert found.outcome is Outcome.WARN
    assert found.observed == pytest.approx(0.2)
    found = check(raw.path, name, baselines={name: history(0.3, 0.3, 0.3)})[name]
    assert found.outcome is Outcome.PASS


def test_ranges_when_amount_currency_or_date_are_odd_then_named(tmp_path: Path) -> None:
    def order(n: int, **more: object) -> dict[str, object]:
        return {"order_id": str(n), "ordered_at": "2026-06-30 10:00:00+00", "gross_minor": 1000,
                "currency": "EUR", "_run_id": "run-2"} | more  # fmt: skip

    raw = RawWarehouse(tmp_path)
    raw.land("orders", [order(n) for n in range(197)])
    raw.land("orders", [order(200, gross_minor=100_001), order(201, currency="E?"),
                        order(202, ordered_at="2026-07-04 00:00:00+00")])  # fmt: skip
    results = check(raw.path)
    amounts = results["raw_files.orders.amounts_beyond_usual"]
    assert (amounts.outcome, amounts.observed) == (Outcome.WARN, 1)
    dates = results["raw_files.orders.dated_ahead_share"]
    assert dates.outcome is Outcome.WARN
    assert dates.observed == pytest.approx(1 / 200)
    currency = results["raw_files.orders.currency_is_a_code"]
    assert (currency.outcome, currency.observed) == (Outcome.WARN, None)  # 1 of 200, not > 1 %
    raw.land("orders", [order(n, currency="E?") for n in (203, 204)])
    assert check(raw.path)["raw_files.orders.currency_is_a_code"].outcome is Outcome.BLOCK


def test_everything_when_raw_tables_are_empty_then_recorded(tmp_path: Path) -> None:
    results = check(RawWarehouse(tmp_path).path)
    assert {result.outcome for result in results.values()} == {Outcome.RECORDED}


@pytest.mark.parametrize("suites", ["raw", "marts"])
def test_everything_when_the_database_is_empty_then_each_check_says_so(
    tmp_path: Path, suites: str
) -> None:
    path = tmp_path / "empty.duckdb"
    duckdb.connect(str(path)).close()
    results = judged(path, suites)
    assert len(results) > 30
    for result in results.values():
        assert result.outcome.value == result.severity
        assert result.limit == f"table {result.table_schema}.{result.table_name} is missing"


def test_check_when_a_column_is_missing_then_only_its_checks_say_so(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", messages(3))
    with duckdb.connect(str(raw.path)) as con:
        con.execute("alter table raw_files.messages drop author_profile_id_key")
    results = check(raw.path)
    assert results[AUTHORS].outcome is Outcome.BLOCK
    assert results[AUTHORS].limit == "could not be measured"
    assert results[ROWS].observed == 3
    assert results["raw_files.messages.text_present_share"].observed == 1.0
    assert results["raw_files.messages.hours_since_newest"].observed == 6
