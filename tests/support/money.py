"""What the tests about money share: which models they build, and rows as they land."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import duckdb

from tests.support.raw import RawWarehouse

BRANDS = """brand_id,name,time_zone,base_currency,margin_rate,is_default
brand,Brand,{zone},{currency},{margin},true
"""


def build_money(raw: RawWarehouse, *models: str) -> duckdb.DuckDBPyConnection:
    """Build models, and run the data tests whose models were all built."""
    return raw.build("--indirect-selection", "cautious", "--select", *models)


def build_solved(
    raw: RawWarehouse, solver: Callable[[duckdb.DuckDBPyConnection], int], *models: str
) -> duckdb.DuckDBPyConnection:
    """The same with what Python solves between the two halves of the build, as a night does it."""
    raw.build(
        "--indirect-selection", "cautious", "--select", *models, "--exclude", "source:solved+"
    ).close()
    with duckdb.connect(str(raw.path)) as connection:
        solver(connection)
    chosen = [f"{model},source:solved+" for model in models]
    return raw.build("--indirect-selection", "buildable", "--select", *chosen)


def brand_seed(zone: str = "UTC", currency: str = "", margin: str = "") -> str:
    """The seed `brands` with one brand."""
    return BRANDS.format(zone=zone, currency=currency, margin=margin)


def order(order_id: str, ordered_at: str, gross_minor: int, **more: Any) -> dict[str, Any]:
    """A paid order in EUR; `more` overrides or adds columns."""
    return {
        "order_id": order_id,
        "ordered_at": ordered_at,
        "gross_minor": gross_minor,
        "currency": "EUR",
        "status": "paid",
    } | more


def refund(
    refund_id: str, order_id: str, refunded_at: str, amount_minor: int, currency: str = "EUR"
) -> dict[str, Any]:
    """A refund."""
    return {
        "refund_id": refund_id,
        "order_id": order_id,
        "refunded_at": refunded_at,
        "amount_minor": amount_minor,
        "currency": currency,
    }


def click(
    click_id: str, channel: str, clicked_at: str, contact_id: str | None, **more: Any
) -> dict[str, Any]:
    """A visit of a contact; `more` overrides or adds columns."""
    return {
        "click_id": click_id,
        "channel": channel,
        "clicked_at": clicked_at,
        "contact_id": contact_id,
        "click_kind": "web_visit",
    } | more


def persons(tables: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Contact id to person id."""
    rows = tables.execute(
        "select identifier_key, person_id from intermediate.int_person_keys"
        " where identifier_kind = 'contact'"
    ).fetchall()
    return dict(rows)


def rows(tables: duckdb.DuckDBPyConnection, sql: str, parameters: Iterable[Any] = ()) -> list[Any]:
    """All rows of a query; rows of one column as plain values."""
    found = tables.execute(sql, list(parameters)).fetchall()
    return [row[0] for row in found] if found and len(found[0]) == 1 else found
