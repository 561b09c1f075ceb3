"""`ror truth`: what was planted in a generated world, beside what the published tables say."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import click

from pipelines.cli import Options
from pipelines.errors import ExitCode, RorError
from pipelines.query import Limits, sandbox

WIDTHS = (34, 30, 40)
COUNTED = {
    "orders": "select sum(order_count) from marts.people_weekly",
    "margin_minor": "select sum(margin_minor) from marts.people_weekly",
    "replies": "select sum(personal_reply_count) from marts.people_weekly",
}
EFFECT = """
    select method, lift, lift_ci_low, lift_ci_high from marts.roi_effects
    where exposure_id = 'first_reply' and segment = 'all' and scale = 'ratio'
        and method in ('did', 'naive')"""
VERDICT = """
    select verdict, verdict_reason, credibility from marts.roi_verdicts
    where exposure_id = 'first_reply' and segment = 'all'"""
REVENUE = "select kind, count(*), sum(amount_minor) from marts.revenue_events group by kind"
Line = tuple[str, str, str]


@click.command()
@click.pass_obj
def truth(options: Options) -> None:
    """Compare what `ror demo` planted with what the published tables say, side by side.

    Example: ror demo --scenario S1 && ror --home var/planted-S1 truth
    """
    settings = options.settings()
    planted = _read(settings.root / "truth" / "planted.json")
    expected = _read(settings.root / "truth" / "expected.json")
    if planted is None and expected is None:
        raise RorError(
            "truth", "truth/", "this home holds no generated world", "ror demo", ExitCode.USAGE
        )
    with sandbox(settings, Limits()) as con:
        lines = _planted(con, planted) if planted else _demo(con, expected or {})
    for line in (("", "planted", "published"), *lines):
        cells = zip(line, WIDTHS, strict=True)
        click.echo("".join(f"{text:<{width}}" for text, width in cells).rstrip())


def _read(path: Path) -> dict[str, Any] | None:
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _planted(con: Any, planted: dict[str, Any]) -> list[Line]:
    """A scenario: what was counted, what the work does, what may be said."""
    lines = [
        (name, f"{planted[name]:,}", f"{con.execute(sql).fetchone()[0] or 0:,}")
        for name, sql in COUNTED.items()
    ]
    effects = {method: rest for method, *rest in con.execute(EFFECT).fetchall()}
    true_lift = f"{math.expm1(planted['log_lift']):+.3f}"
    lines += [
        ("lift by the first reply", true_lift, _interval(effects.get("did"))),
        ("the same, compared naively", "", _interval(effects.get("naive"))),
    ]
    found = con.execute(VERDICT).fetchone()
    said = ", ".join(text for text in found or ("nothing",) if text)
    is_right = bool(found) and any(
        text and text.startswith(tuple(planted["verdicts"])) for text in found[:2]
    )
    judged = f"{said} ({'as planted' if is_right else 'NOT as planted'})"
    verdicts = " or ".join(planted["verdicts"]) or "left open"
    return [*lines, ("verdict", verdicts, judged if planted["verdicts"] else said)]


def _interval(effect: list[float] | None) -> str:
    if effect is None or effect[0] is None:
        return "not estimated"
    return "{:+.3f} ({:+.3f} to {:+.3f})".format(*effect)


def _demo(con: Any, expected: dict[str, Any]) -> list[Line]:
    """The demo world: the revenue ledger, kind by kind."""
    found = {kind: rest for kind, *rest in con.execute(REVENUE).fetchall()}
    return [
        (
            f"revenue: {kind}",
            _money(wanted["count"], wanted["amount_minor"]),
            _money(*found.get(kind, (0, 0))),
        )
        for kind, wanted in sorted(expected["revenue"].items())
        if isinstance(wanted, dict) and "amount_minor" in wanted
    ]


def _money(count: int, minor: int) -> str:
    return f"{count:,} rows, {minor:,} minor"
