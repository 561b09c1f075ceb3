"""Nights that learn something late: what is restated, why, and that the end is that of a clean build."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipelines.analytics.attribution import solve_attribution
from tests.support.money import build_solved, click, order, refund, rows
from tests.support.raw import RawWarehouse

pytestmark = [pytest.mark.slow, pytest.mark.long]

NOON = "12:00:00+00"
AS_OF = "2026-04-01 00:00:00+00"
TABLES = ("conversions", "touchpoints", "attribution_credits", "attribution_channels")


def contact(contact_id: str, emails: str | None = None) -> dict[str, Any]:
    return {"contact_id": contact_id, "emails_key": emails}


def first_night(raw: RawWarehouse) -> None:
    raw.land("contacts", [{"contact_id": who} for who in ("p1", "p2", "p3", "p4")])
    raw.land(
        "clicks",
        [
            click("1", "a", f"2026-03-01 {NOON}", "p1"),
            click("2", "b", f"2026-03-02 {NOON}", "p2"),
            click("3", "c", f"2026-03-03 {NOON}", "p3"),
            click("4", "a", f"2026-03-02 {NOON}", "p3"),
            click("5", "d", f"2026-03-04 {NOON}", "p4"),  # the same person as p1, as will be seen
        ],
    )
    raw.land(
        "orders",
        [order(f"o{n}", f"2026-03-10 {NOON}", 1000, contact_id=f"p{n}") for n in (1, 2, 3)],
    )


def restatements(raw: RawWarehouse, model: str = "linear") -> list[Any]:
    with build_solved(raw, solve_attribution, "+marts.attribution") as tables:
        return rows(
            tables,
            "select order_id, reason, old_minor, new_minor, moved_minor, old_run_id"
            " from marts.attribution_restatements"
            " inner join marts.revenue_events on revenue_event_id = conversion_id"
            f" where model_id = '{model}' order by changed_at, order_id, reason",
        )


def contents(raw: RawWarehouse) -> dict[str, list[Any]]:
    with build_solved(raw, solve_attribution, "+marts.attribution") as tables:
        return {name: rows(tables, f"select * from marts.{name} order by all") for name in TABLES}


def test_restatements_when_facts_come_late_then_each_says_why_and_the_end_is_clean(
    tmp_path: Path,
) -> None:
    raw = RawWarehouse(tmp_path / "nights", as_of=AS_OF)
    first_night(raw)
    assert restatements(raw) == []
    assert restatements(raw) == []  # the same night again

    late = [click("6", "late", f"2026-03-05 {NOON}", "p2")]
    raw.land("clicks", late)
    raw.land("refunds", [refund("r", "o3", f"2026-03-20 {NOON}", 400)])
    raw.set_run("run-2", AS_OF)
    known = [
        ("o2", "late_touch", 1000, 1000, 1000, "run-1"),  # 10.00 of b: 5.00 each
        ("o3", "refund", 1000, 600, 400, "run-1"),
    ]
    assert restatements(raw) == known
    # The first touch keeps all of it: nothing to say of that model.
    assert [row[0] for row in restatements(raw, "first_touch")] == ["o3"]

    merge = {"loser_id": "p4", "winner_id": "p1", "merged_at": f"2026-03-21 {NOON}"}
    raw.land("contact_merges", [merge])
    raw.set_run("run-3", AS_OF)
    merged = ("o1", "merge", 1000, 1000, 1000, "run-2")
    assert restatements(raw) == sorted([*known, merged])

    raw.land("contact_merges", [merge | {"_is_deleted": True}])
    raw.land("clicks", [late[0] | {"_is_deleted": True}])
    raw.set_run("run-4", AS_OF)
    found = restatements(raw)
    assert set(found) - {*known, merged} == {
        ("o1", "unmerge", 1000, 1000, 1000, "run-3"),
        ("o2", "deleted_touch", 1000, 1000, 1000, "run-3"),
    }

    clean = RawWarehouse(tmp_path / "clean", as_of=AS_OF)
    first_night(clean)
    clean.land("refunds", [refund("r", "o3", f"2026-03-20 {NOON}", 400)])
    clean.set_run("run-4", AS_OF)
    assert contents(raw) == contents(clean)
