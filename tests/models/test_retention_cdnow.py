"""Real orders (CDNOW, 1997 to 1998) through the ledger, cell by cell against pandas."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import pandas as pd
import pytest

from tests.support.data import shared_data
from tests.support.money import build_money, order, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

END = pd.Timestamp("1998-07-01")  # first date that the file does not show


@pytest.fixture(scope="module")
def purchases() -> pd.DataFrame:
    """The file itself: customer, date, minor units."""
    found = pd.read_csv(
        shared_data("orders/CDNOW_sample.txt"),
        sep=r"\s+",
        header=None,
        names=["full_id", "customer", "date", "units", "dollars"],
        dtype={"customer": str, "dollars": str, "date": str},
    )
    found["date"] = pd.to_datetime(found["date"], format="%Y%m%d")
    found["minor"] = found["dollars"].str.replace(".", "", regex=False).astype(int)
    return found


@pytest.fixture(scope="module")
def tables(
    purchases: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("cdnow"), as_of="2026-07-01 00:00:00+00")
    raw.land(
        "orders",
        [
            order(str(row.Index), str(row.date), row.minor, currency="USD", contact_id=row.customer)
            for row in purchases.itertuples()
        ],
    )
    with build_money(raw, "+marts.retention", "int_revenue_refused") as built:
        yield built


def test_ledger_when_built_from_the_file_then_it_holds_every_order_to_the_cent(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select count(*), count(distinct person_id), sum(amount_minor)::bigint, min(currency),"
        " min(event_date), max(event_date) from marts.revenue_events",
    )
    first, last = dt.date(1997, 1, 1), dt.date(1998, 6, 30)
    assert found == [(6919, 2357, 24_409_194, "USD", first, last)]


def test_purchases_when_counted_then_1139_customers_came_back(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    per_person = "select count(*) as dates from intermediate.int_purchases group by person_id"
    assert rows(tables, f"select count(*) from ({per_person}) where dates > 1") == [1139]
    # Eight customers have one order each, worth 0.00: no purchase.
    assert rows(tables, f"select count(*) from ({per_person})") == [2349]


def test_months_when_summed_then_they_are_the_ledger(tables: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        tables,
        "select sum(revenue_minor)::bigint, sum(order_count)::bigint, max(month_start_date)"
        " from marts.customer_months",
    )
    assert found == [(24_409_194, 6911, dt.date(1998, 6, 1))]


def dated(purchases: pd.DataFrame, grain: str) -> pd.DataFrame:
    """One row per customer and date with a purchase, with cohort start and distance."""
    days = purchases[purchases.minor > 0].groupby(["customer", "date"], as_index=False).minor.sum()
    days["first"] = days.groupby("customer").date.transform("min")
    days["day"] = (days.date - days["first"]).dt.days
    if grain == "week":
        days["cohort"] = days["first"] - pd.to_timedelta(days["first"].dt.day_of_week, unit="D")
        days["bracket"] = days.day // 7
    else:
        days["cohort"] = days["first"].dt.to_period("M").dt.start_time
        months = days.date.dt.year * 12 + days.date.dt.month
        days["bracket"] = months - days.cohort.dt.year * 12 - days.cohort.dt.month
    return days


def expected_cell(
    days: pd.DataFrame, grain: str, cohort: pd.Timestamp, kind: str, period: int
) -> tuple[int, int | None, int | None]:
    """Members, and, where everybody could be observed, the active ones and their revenue."""
    members = days[days.cohort == cohort]
    cohort_end = cohort + (pd.Timedelta(days=6) if grain == "week" else pd.offsets.MonthEnd(0))
    if kind == "exact":
        inside, known = members[members.day == period], cohort_end + pd.Timedelta(days=period)
    elif kind == "rolling":
        inside = members[members.day >= period]
        known = cohort_end + pd.Timedelta(days=period + 28)
    elif grain == "week":
        inside = members[members.bracket == period]
        known = cohort_end + pd.Timedelta(days=7 * period + 6)
    else:
        inside = members[members.bracket == period]
        known = (cohort.to_period("M") + period).end_time.normalize()
    size = members.customer.nunique()
    if known >= END:
        return size, None, None
    return size, inside.customer.nunique(), int(inside.minor.sum())


@pytest.mark.parametrize("grain", ["week", "month"])
def test_cohorts_when_compared_with_pandas_then_every_cell_is_the_same(
    tables: duckdb.DuckDBPyConnection, purchases: pd.DataFrame, grain: str
) -> None:
    days = dated(purchases, grain)
    found = rows(
        tables,
        "select cohort_start_date, retention_kind, period_index, cohort_count, active_count,"
        " revenue_minor, retention_rate, is_complete, observable_count"
        f" from marts.cohort_retention_{grain}ly",
    )
    per_cohort = 105 + 16 if grain == "week" else 25 + 16
    assert len(found) == days.cohort.nunique() * per_cohort
    unknown = 0
    for start, kind, period, size, active, revenue, rate, is_complete, observable in found:
        expected = expected_cell(days, grain, pd.Timestamp(start), kind, period)
        assert size == expected[0]
        assert is_complete == (expected[1] is not None)
        if is_complete:
            assert (active, revenue, rate, observable) == (*expected[1:], active / size, size)
        else:
            assert rate is None
            unknown += 1
    assert unknown > 0, "the file ends in 1998: late periods cannot be known in 2026"


def test_repeat_purchases_when_compared_with_pandas_then_counts_are_the_same(
    tables: duckdb.DuckDBPyConnection, purchases: pd.DataFrame
) -> None:
    days = dated(purchases, "month")
    second = days[days.day > 0].groupby("customer").day.min()
    members = days.drop_duplicates("customer").set_index("customer")[["first", "cohort"]]
    members["second"] = second
    found = rows(
        tables,
        "select cohort_month_start_date, horizon_days, observable_count, repeated_count"
        " from marts.repeat_purchases_monthly",
    )
    expected = []
    for horizon in (90, 180, 365):
        seen = members[members["first"] + pd.Timedelta(days=horizon) < END]
        for cohort in members.cohort.unique():
            group = seen[seen.cohort == cohort]
            repeated = int((group.second <= horizon).sum())
            expected.append((pd.Timestamp(cohort).date(), horizon, len(group), repeated))
    assert sorted(found) == sorted(expected)
