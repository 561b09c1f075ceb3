"""Real deals and clicks of a CRM: won value to the unit; clicks that name nobody earn no credit."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

import duckdb
import pytest

from pipelines.analytics.attribution import solve_attribution
from pipelines.settings import DBT_PROJECT
from tests.support.data import shared_data
from tests.support.money import build_solved, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

STAGES = {"Won": "won", "Lost": "lost", "In_Progress": "open"}
WON_MINOR = 17_936_928 * 100


def deals() -> Iterator[dict[str, Any]]:
    with shared_data("crm/sparklesquad/sales-pipeline.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            value = row["Close_Value"]
            yield {
                "deal_id": row["Opportunity_ID"],
                "stage_category": STAGES[row["Deal_Stage"]],
                "amount_minor": round(float(value) * 100) if value else None,
                "currency": "USD",
                "created_at": f"{row['Created_On']} 00:00:00+00",
                "close_date": row["Close_Date"] or None,
                "company_id": row["Account"] or None,
            }


def clicks() -> Iterator[dict[str, Any]]:
    with shared_data("crm/sparklesquad/clicks.csv").open(encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file)):
            yield {
                "click_id": str(number),
                "channel": row["Source"],
                "clicked_at": f"{row['Created_On']} 00:00:00+00",
            }


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("deals"), as_of="2026-07-01 00:00:00+00")
    raw.land("deals", deals())
    raw.land("clicks", clicks())
    with build_solved(raw, solve_attribution, "+marts.attribution", "int_revenue_refused") as built:
        yield built


def test_ledger_when_real_deals_then_every_win_is_there(tables: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        tables,
        "select kind, count(*), sum(amount_minor)::bigint, min(currency)"
        " from marts.revenue_events group by 1",
    )
    assert found == [("deal_won", 6419, WON_MINOR, "USD")]
    # 6,438 deals are won; 19 of them without a value.
    refused = "select reason, count(*) from intermediate.int_revenue_refused group by 1"
    assert rows(tables, refused) == [("amount_missing", 19)]


def test_credit_when_clicks_name_nobody_then_all_is_at_none(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select model_id, sum(ledger_minor)::bigint, sum(none_minor)::bigint,"
        " sum(abs(difference_minor))::bigint"
        " from marts.attribution_reconciliation group by 1 order by 1",
    )
    with (DBT_PROJECT / "seeds" / "attribution_models.csv").open(encoding="utf-8") as file:
        models = {row["model_id"] for row in csv.DictReader(file)}
    models -= {"participation", "shapley_rate"}
    assert found == [(model, WON_MINOR, WON_MINOR, 0) for model in sorted(models)]
    assert rows(tables, "select distinct no_touch_reason from marts.conversions") == ["no_person"]


def test_channels_when_summed_by_month_then_every_model_is_the_won_value(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    won: dict[str, int] = {}
    for deal in deals():
        if deal["stage_category"] == "won" and deal["amount_minor"] is not None:
            month = deal["close_date"][:7]
            won[month] = won.get(month, 0) + deal["amount_minor"]
    found = rows(
        tables,
        "select model_id, strftime(period_start_date, '%Y-%m'), sum(credit_minor)::bigint"
        " from marts.attribution_channels"
        " where model_id not in ('participation', 'shapley_rate') group by 1, 2",
    )
    models = {model for model, _, _ in found}
    assert "markov_1" in models
    assert {(m, month): value for m, month, value in found} == {
        (m, month): value for m in models for month, value in won.items()
    }


def test_clicks_when_they_name_nobody_then_all_are_counted(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select left_out_reason, count(*) from intermediate.int_touchpoints_unioned group by 1",
    )
    assert found == [("no_person", 30_244)]
    assert rows(tables, "select count(*) from marts.touchpoints") == [0]
