"""Fills the solved tables of customer value from the histories that SQL counted.

int_customer_histories ─▶ BG/NBD of all, Gamma-Gamma of repeat customers
                       ─▶ solved.customer_{purchases,spending}: one row per distinct history
                       ─▶ solved.customer_value_{fits,backtests}
"""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import duckdb
import numpy as np

from pipelines.analytics import bgnbd, gamma_gamma
from pipelines.analytics.bgnbd import Customers
from pipelines.analytics.customer_value import discounted_purchases, with_log_error
from pipelines.analytics.gamma_gamma import LARGEST_CORRELATION, Spending
from pipelines.analytics.likelihood import Fit
from pipelines.analytics.tables import replace_rows
from pipelines.tables import rows_of

MINIMUM_REPEATERS = 200  # with fewer repeat customers no parameter is known
HORIZON_WEEKS = 104
QUARTER_WEEKS = 90 / 7
BACKTEST_WEEKS = 26.0  # of int_customer_cutoffs
PURCHASE_NAMES, SPENDING_NAMES = ("r", "alpha", "a", "b"), ("p", "q", "v")
Rows = list[dict[str, Any]]


def solve_customers(connection: duckdb.DuckDBPyConnection, annual_discount_rate: float) -> int:
    """Fit, fill all tables of customer value; returns the number of fits."""
    fits: Rows = []
    histories = _histories(connection, "current")
    found = _purchases_fit(histories, "current", fits)
    purchases = [] if found is None else _purchase_rows(histories, found, annual_discount_rate)
    spending = _spending(connection)
    valued = None if found is None else _spending_fit(spending, fits)
    replace_rows(connection, "customer_purchases", purchases)
    rows = [] if valued is None else _spending_rows(spending, valued)
    replace_rows(connection, "customer_spending", rows)
    replace_rows(connection, "customer_value_backtests", _backtest(connection, fits))
    return replace_rows(connection, "customer_value_fits", fits)


def _histories(connection: duckdb.DuckDBPyConnection, fit_kind: str) -> Customers:
    table = connection.execute(
        "select frequency_count::double as x, recency_weeks::double as t,"
        " age_weeks::double as age, count(*)::double as customers"
        " from intermediate.int_customer_histories where fit_kind = ? group by all order by all",
        [fit_kind],
    ).to_arrow_table()
    return Customers(*(np.asarray(column.to_numpy()) for column in table.columns))


def _spending(connection: duckdb.DuckDBPyConnection) -> Spending:
    table = connection.execute(
        "select frequency_count::double as x, mean_value_minor::double as m,"
        " count(*)::double as customers"
        " from intermediate.int_customer_histories"
        " where fit_kind = 'current' and mean_value_minor > 0 group by all order by all"
    ).to_arrow_table()
    return Spending(*(np.asarray(column.to_numpy()) for column in table.columns))


def _purchases_fit(customers: Customers, fit_kind: str, fits: Rows) -> Fit | None:
    """The fit where it can be trusted; what was tried is noted in any case."""
    repeaters = int(customers.count[customers.frequency > 0].sum())
    note = _note(fit_kind, "bg_nbd", customers.count, fits)
    if repeaters < MINIMUM_REPEATERS:
        note["refusal"] = f"{repeaters} repeat customers, at least {MINIMUM_REPEATERS}"
        return None
    return _noted(bgnbd.fit(customers), PURCHASE_NAMES, note)


def _spending_fit(spending: Spending, fits: Rows) -> Fit | None:
    note = _note("current", "gamma_gamma", spending.count, fits)
    related = gamma_gamma.correlation(spending)
    if abs(related) > LARGEST_CORRELATION:
        note["refusal"] = f"value and frequency correlate by {related:.2f}, at most .3"
        return None
    found = _noted(gamma_gamma.fit(spending), SPENDING_NAMES, note)
    if found is not None and found.parameters[1] <= 1:
        note["refusal"] = "the mean value of all customers is infinite, q <= 1"
        return None
    return found


def _note(fit_kind: str, model: str, counts: np.ndarray, fits: Rows) -> dict[str, Any]:
    note = {
        "fit_kind": fit_kind,
        "model": model,
        "parameters": None,
        "standard_errors": None,
        "log_likelihood": None,
        "customer_count": int(counts.sum()),
        "distinct_count": len(counts),
        "iteration_count": None,
        "is_converged": False,
        "refusal": None,
    }
    fits.append(note)
    return note


def _noted(found: Fit, names: tuple[str, ...], note: dict[str, Any]) -> Fit | None:
    errors = [float(e) if np.isfinite(e) else None for e in found.standard_errors]
    note |= {
        "parameters": json.dumps(dict(zip(names, map(float, found.parameters), strict=True))),
        "standard_errors": json.dumps(dict(zip(names, errors, strict=True))),
        "log_likelihood": found.log_likelihood,
        "iteration_count": found.iteration_count,
        "is_converged": found.is_converged,
        "refusal": None if found.is_converged else "no maximum of the likelihood was found",
    }
    return found if found.is_converged else None


def _purchase_rows(customers: Customers, found: Fit, annual_discount_rate: float) -> Rows:
    later = partial(
        discounted_purchases,
        customers=customers, weeks=HORIZON_WEEKS, annual_discount=annual_discount_rate,
    )  # fmt: skip
    discounted, error = with_log_error(found, later)
    alive = bgnbd.alive_probability(found.parameters, customers)
    quarter = bgnbd.expected_purchases(found.parameters, customers, QUARTER_WEEKS)
    columns = zip(
        customers.frequency, customers.recency, customers.age, alive, quarter, discounted, error,
        strict=True,
    )  # fmt: skip
    return [
        {
            "frequency_count": int(x),
            "recency_weeks": float(t),
            "age_weeks": float(age),
            "alive_probability": float(p),
            "purchases_90d": float(few),
            "purchases_24m": float(many),
            "log_error": float(e),
        }
        for x, t, age, p, few, many, e in columns
    ]


def _spending_rows(spending: Spending, found: Fit) -> Rows:
    """Values of one purchase; the row of frequency 0 is for customers without a repeat purchase."""
    frequency = np.append(0.0, spending.frequency)
    mean = np.append(0.0, spending.mean_value)
    value, error = with_log_error(
        found, lambda parameters: gamma_gamma.expected_value(parameters, frequency, mean)
    )
    return [
        {
            "frequency_count": int(x),
            "mean_value_minor": round(float(m)),
            "value_minor": float(v),
            "log_error": float(e),
        }
        for x, m, v, e in zip(frequency, mean, value, error, strict=True)
    ]


def _backtest(connection: duckdb.DuckDBPyConnection, fits: Rows) -> Rows:
    """What the customers of 26 weeks ago were expected to buy since then, and what they bought."""
    seen = rows_of(connection, "from intermediate.int_customer_backtest_purchases")
    customers = _histories(connection, "backtest")
    if not seen or not len(customers.count):
        return []
    found = _purchases_fit(customers, "backtest", fits)
    if found is None:
        weeks = (customers.count * customers.age).sum()
        rate = (customers.count * customers.frequency).sum() / weeks if weeks else 0.0
        predicted = float(rate * BACKTEST_WEEKS * customers.count.sum())
    else:
        expected = bgnbd.expected_purchases(found.parameters, customers, BACKTEST_WEEKS)
        predicted = float((customers.count * expected).sum())
    return [
        {
            "method": "cohort_hazard" if found is None else "bg_nbd",
            "horizon_weeks": int(BACKTEST_WEEKS),
            "cutoff_date": seen[0]["cutoff_date"],
            "customer_count": int(customers.count.sum()),
            "actual_purchase_count": seen[0]["actual_purchase_count"],
            "predicted_purchase_count": predicted,
        }
    ]
