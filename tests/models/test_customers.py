"""Customer value, segments and survival from landed orders to marts."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from math import exp, log, sqrt

import duckdb
import pytest

from pipelines.analytics.customers import solve_customers
from tests.support.data import shared_data
from tests.support.money import build_solved, order, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

MARTS = (
    "+customer_values", "+customer_value_fits", "+customer_value_backtests", "+rfm_scores",
    "+survival_curves", "+int_customer_backtest_purchases",
)  # fmt: skip


def cdnow() -> Iterator[dict[str, object]]:
    """Orders of the calibration period, to 1997-09-30."""
    lines = shared_data("orders/CDNOW_sample.txt").read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines):
        _, customer, day, _, dollars = line.split()
        if day <= "19970930":
            when = f"{day[:4]}-{day[4:6]}-{day[6:]} 12:00:00+00"
            minor = int(dollars.replace(".", ""))
            yield order(f"o{number}", when, minor, currency="USD", contact_id=customer)


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("customers"), as_of="1997-10-01 00:00:00+00")
    raw.land("orders", cdnow())
    with build_solved(raw, partial(solve_customers, annual_discount_rate=0.1), *MARTS) as built:
        yield built


def test_histories_when_cdnow_then_each_is_that_of_the_known_summary(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    with shared_data("retention/cdnow_calibration.csv").open(encoding="utf-8") as lines:
        known = [
            (
                int(row["customer_id"]), int(row["frequency"]), float(row["recency_weeks"]),
                float(row["age_weeks"]), round(float(row["monetary_value"]) * 100) or None,
            )
            for row in csv.DictReader(lines)
        ]  # fmt: skip
    found = rows(
        tables,
        "select identifier_key::int, frequency_count, recency_weeks, age_weeks, mean_value_minor"
        " from marts.customer_values inner join intermediate.int_person_keys using (person_id)"
        " where identifier_kind = 'contact' order by 1",
    )
    # 11 customers bought for nothing: a purchase is worth something, so theirs are fewer or none.
    differing = {row[0] for row in set(found) ^ set(known)}
    free = {
        int(line.split()[1])
        for line in shared_data("orders/CDNOW_sample.txt").read_text().splitlines()
        if float(line.split()[4]) == 0
    }
    assert differing <= free
    assert len(found) >= len(known) - len(free)


def test_values_when_cdnow_then_fits_and_sums_are_close_to_the_published(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    fits = rows(
        tables,
        "select model, is_converged, refusal, (parameters->>'r')::double"
        " from marts.customer_value_fits where fit_kind = 'current' order by 1",
    )
    assert [fit[:3] for fit in fits] == [("bg_nbd", True, None), ("gamma_gamma", True, None)]
    assert fits[0][3] == pytest.approx(0.2426, rel=0.03)  # without purchases for nothing
    assert rows(
        tables,
        "select count(*) from marts.customer_values where method <> 'bg_nbd_gamma_gamma'"
        " or alive_probability is null"
        " or not expected_margin_24m_minor between expected_low_minor and expected_high_minor",
    ) == [0]
    assert rows(
        tables, "select min(alive_probability) from marts.customer_values where is_uninformed"
    ) == [1.0]


def test_backtest_when_cdnow_then_actual_purchases_are_counted(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # 26 weeks before 1997-10-01 is 1997-04-02; customers who had bought by then.
    bought: dict[str, set[str]] = {}
    for row in cdnow():
        if row["gross_minor"]:
            bought.setdefault(str(row["contact_id"]), set()).add(str(row["ordered_at"])[:10])
    known = {who: days for who, days in bought.items() if min(days) < "1997-04-02"}
    actual = sum(day >= "1997-04-02" for days in known.values() for day in days)
    found = rows(
        tables,
        "select cutoff_date::varchar, customer_count, actual_purchase_count, method,"
        " abs(relative_error) < .25 from marts.customer_value_backtests",
    )
    assert found == [("1997-04-02", len(known), actual, "bg_nbd", True)]


def test_survival_when_cdnow_then_it_is_the_product_of_shares(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    days: dict[str, list[str]] = {}
    for row in cdnow():
        if row["gross_minor"]:
            days.setdefault(str(row["contact_id"]), []).append(str(row["ordered_at"])[:10])
    lives = []
    for bought in days.values():
        first, *later = sorted(set(bought))
        end = later[0] if later else "1997-09-30"
        lives.append(((_date(end) - _date(first)).days, bool(later)))
    curve = rows(
        tables,
        "select duration_days, at_risk_count, event_count, survival, ci_low, ci_high"
        " from marts.survival_curves where event_kind = 'second_purchase' order by 1",
    )
    survival, greenwood = 1.0, 0.0
    for (day, at_risk, events, share, low, high), time in zip(
        curve, sorted({day for day, _ in lives}), strict=True
    ):
        waiting = sum(life >= time for life, _ in lives)
        came = sum(life == time and is_event for life, is_event in lives)
        assert (day, at_risk, events) == (time, waiting, came)
        survival *= 1 - came / waiting
        greenwood += came / (waiting * (waiting - came))
        assert share == pytest.approx(survival, abs=1e-12)
        if survival < 1:
            power = exp(1.959963984540054 * sqrt(greenwood) / log(survival))
            assert (low, high) == pytest.approx(
                (survival ** (1 / power), survival**power), abs=1e-9
            )


def _date(text: str):
    from datetime import date

    return date.fromisoformat(text)
