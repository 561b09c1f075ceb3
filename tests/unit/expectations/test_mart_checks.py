"""The mart suites on hand-made tables, judged by Great Expectations in this process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations.records import CheckResult, Outcome, Past
from tests.unit.expectations.judged import judged

pytestmark = pytest.mark.slow
RATE = "marts.responses.response_rate_of_matured_month"
PEOPLE = "marts.people.row_count_against_previous_run"
ORDERS = "marts.revenue_events.order_money_missing_or_extra"
REFUNDS = "marts.revenue_events.refund_money_missing_or_extra"
NAMES = "marts.people.personal_data_in_texts"


def checked(path: Path, name: str, *statements: str, **words: Any) -> CheckResult:
    """The result of one check after running SQL on the file."""
    with duckdb.connect(str(path)) as con:
        con.execute("create schema if not exists marts")
        for statement in statements:
            con.execute(statement)
    return judged(path, "marts", (name,), **words)[name]


def last_night(value: float) -> list[Past]:
    return [Past("20260630T020000Z-aaaa", 1, value)]


@pytest.mark.parametrize(
    ("now", "outcome"),
    [(80, Outcome.PASS), (120, Outcome.PASS), (79, Outcome.WARN), (121, Outcome.WARN),
     (50, Outcome.WARN), (49, Outcome.BLOCK), (0, Outcome.BLOCK), (900, Outcome.WARN)],
)  # fmt: skip
def test_rows_when_100_were_there_last_night_then_20_percent_warn_and_half_blocks(
    tmp_path: Path, now: int, outcome: Outcome
) -> None:
    made = f"create table marts.people as select 'p_' || i as person_id from range({now}) t(i)"
    found = checked(tmp_path / "w.duckdb", PEOPLE, made, baselines={PEOPLE: last_night(100)})
    assert (found.outcome, found.observed) == (outcome, now)


def test_rows_when_both_nights_are_small_then_recorded(tmp_path: Path) -> None:
    made = "create table marts.people as select 'p_1' as person_id from range(4)"
    found = checked(tmp_path / "w.duckdb", PEOPLE, made, baselines={PEOPLE: last_night(29)})
    assert found.outcome is Outcome.RECORDED
    found = checked(tmp_path / "w.duckdb", PEOPLE, baselines={PEOPLE: last_night(30)})
    assert found.outcome is Outcome.BLOCK


def test_personal_data_when_in_a_text_then_blocks_even_if_accepted(tmp_path: Path) -> None:
    made = (
        "create table marts.people as select 'p_1' as person_id, 'A. S.' as masked_name,"
        " ['x', 'ann.canary@example.org'] as notes"
    )
    found = checked(tmp_path / "w.duckdb", NAMES, made, accept={NAMES: "we know"})
    assert (found.outcome, found.observed) == (Outcome.BLOCK, 1)
    assert found.limit == "block above 0 values; cannot be accepted"


def turns(answered: int, of: int, opened: str) -> str:
    return (
        f"insert into marts.responses select true, i < {answered}, i < {answered}, 60.0,"
        f" date '{opened}' from range({of}) t(i)"
    )


TURNS = (
    "create table marts.responses (is_mature boolean, is_answered boolean,"
    " is_answered_24h boolean, response_seconds double, opened_date date)"
)


@pytest.mark.parametrize(
    ("before", "outcome"),
    [(0.60, Outcome.PASS), (0.62, Outcome.PASS), (0.63, Outcome.WARN), (0.57, Outcome.WARN),
     (0.80, Outcome.WARN), (0.81, Outcome.BLOCK)],
)  # fmt: skip
def test_response_rate_when_the_month_before_last_changes_then_2_points_warn_20_block(
    tmp_path: Path, before: float, outcome: Outcome
) -> None:
    # May is judged on 1 July: 60 of 100. April and June do not count.
    statements = (TURNS, turns(60, 100, "2026-05-31"), turns(9, 90, "2026-04-30"),
                  turns(9, 90, "2026-06-01"))  # fmt: skip
    history = [Past("20260701T010000Z-aaaa", 2, before)]
    found = checked(tmp_path / "w.duckdb", RATE, *statements, baselines={RATE: history})
    assert found.outcome is outcome
    assert found.observed == pytest.approx(0.6)


def test_response_rate_when_fewer_than_30_turns_then_recorded(tmp_path: Path) -> None:
    found = checked(tmp_path / "w.duckdb", RATE, TURNS, turns(9, 29, "2026-05-10"))
    assert (found.outcome, found.observed) == (Outcome.RECORDED, None)


MONEY = (
    "create schema intermediate",
    """create table intermediate.int_revenue_expected as select * from (values
    ('order', 'EUR', 900), ('order', 'EUR', 500), ('refund', 'EUR', -40), ('deal', 'EUR', 7))
    t(kind, currency, amount_minor)""",
    """create table marts.revenue_events as select * from (values ('order', 'EUR', 900, 900),
    ('order', 'EUR', 500, 500), ('refund', 'EUR', -40, -40))
    t(kind, original_currency, original_amount_minor, amount_minor)""",
)


def test_money_when_the_ledger_holds_what_sources_tell_then_passes(tmp_path: Path) -> None:
    orders = checked(tmp_path / "w.duckdb", ORDERS, *MONEY)
    refunds = checked(tmp_path / "w.duckdb", REFUNDS)
    assert (orders.outcome, orders.observed) == (Outcome.PASS, 0)
    assert (refunds.outcome, refunds.observed) == (Outcome.PASS, 0)


def test_money_when_one_minor_unit_is_missing_then_blocks(tmp_path: Path) -> None:
    one_short = (
        "update marts.revenue_events set original_amount_minor = 499 where amount_minor = 500"
    )
    no_refund = "delete from marts.revenue_events where kind = 'refund'"
    orders = checked(
        tmp_path / "w.duckdb", ORDERS, *MONEY, one_short, accept={ORDERS: "close enough"}
    )
    refunds = checked(tmp_path / "w.duckdb", REFUNDS, no_refund)
    assert (orders.outcome, orders.observed) == (Outcome.BLOCK, 1)
    assert (refunds.outcome, refunds.observed) == (Outcome.BLOCK, 40)


def test_activity_when_one_brand_is_silent_for_two_days_then_warns(tmp_path: Path) -> None:
    name = "marts.interactions.hours_since_activity_of_quietest_brand"
    made = (
        "create table marts.interactions as select * from (values"
        " ('a', timestamptz '2026-06-30 23:00:00+00', false),"
        " ('b', timestamptz '2026-06-28 23:00:00+00', false),"
        " ('b', timestamptz '2026-06-30 23:00:00+00', true)) t(brand_id, occurred_at, is_deleted)"
    )
    found = checked(tmp_path / "w.duckdb", name, made)
    assert (found.outcome, found.observed) == (Outcome.WARN, 49)


def test_cohorts_when_an_unfinished_cell_carries_a_rate_then_blocks(tmp_path: Path) -> None:
    made = (
        "create table marts.cohort_retention_weekly as select * from (values"
        " (10, 10, 5, 0.5, true), (10, 4, 1, 0.1, false), (10, 4, 1, null, false),"
        " (10, 10, 11, 1.1, true)) t(cohort_count, observable_count, active_count,"
        " retention_rate, is_complete)"
    )
    found = checked(tmp_path / "w.duckdb", "marts.cohort_retention_weekly.contradictory_rows", made)
    assert (found.outcome, found.observed) == (Outcome.BLOCK, 2)


def test_unattributed_share_when_it_rises_by_more_than_10_points_then_warns(
    tmp_path: Path,
) -> None:
    name = "marts.attribution_reconciliation.unattributed_share"
    made = (
        "create table marts.attribution_reconciliation as select * from (values (100, 20),"
        " (300, 180)) t(ledger_minor, none_minor)"
    )  # pooled 200 of 400, not the mean of .2 and .6
    found = checked(tmp_path / "w.duckdb", name, made, baselines={name: last_night(0.40)})
    assert found.outcome is Outcome.PASS
    assert found.observed == pytest.approx(0.5)
    found = checked(tmp_path / "w.duckdb", name, baselines={name: last_night(0.39)})
    assert found.outcome is Outcome.WARN
