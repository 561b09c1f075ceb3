"""Why a conversion or a channel has its credit: the touches, the rules, the amounts."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import duckdb

from pipelines.errors import ExitCode, RorError
from pipelines.query.sandbox import Limits, sandbox
from pipelines.query.values import money, shown, width
from pipelines.settings import Settings
from pipelines.tables import rows_of

CELL_WIDTH = 44
WORDS = {
    "first_touch": "the first touch has all",
    "last_touch": "the last touch has all",
    "last_non_direct": "the last touch that is not direct has all; if all are direct, the last",
    "linear": "every touch has the same",
    "time_decay": "a touch has half of one {half_life_days:g} days later",
    "shapley_additive": "every channel on the path has the same, shared by its touches",
    "participation": "every channel on the path counts with the whole value; no credit",
    "markov": "in proportion to the conversions and value that the month loses without a channel",
    "shapley_rate": "Shapley value of the conversion rate; for diagnosis only",
}
NO_TOUCH = {
    "no_person": "nobody known converted, so no touch can be on the path",
    "no_touch": "the person was never touched before",
    "outside_lookback": "the person's touches are older than the window",
}
Row = dict[str, Any]


def explain_conversion(settings: Settings, conversion_id: str) -> list[str]:
    """Lines on one conversion: by conversion_id, or the source's id of the order or deal.

    Exit 64 when there is none of that id, 69 before the first publication.
    """
    with sandbox(settings, Limits()) as con:
        found = rows_of(
            con,
            "select conversions.*, revenue_events.order_id, revenue_events.deal_id,"
            " strftime(converted_at, '%Y-%m-%d %H:%M') as converted_text"
            " from marts.conversions"
            " inner join marts.revenue_events on revenue_event_id = conversion_id"
            " where ? in (conversion_id, order_id, deal_id) order by converted_at",
            [conversion_id],
        )
        if not found:
            raise RorError(
                "explain", "conversion", "no conversion has this id",
                'ror sql "select conversion_id from marts.conversions"', ExitCode.USAGE,
            )  # fmt: skip
        lines: list[str] = []
        for conversion in found:
            lines += ["", *_conversion(con, conversion)] if lines else _conversion(con, conversion)
        return lines


def explain_channel(settings: Settings, channel_id: str, month: str) -> list[str]:
    """Lines on one channel in one month (YYYY-MM) under every model.

    Exit 64 when the month has no such channel, 69 before the first publication.
    """
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        why = f"{month!r} is no month"
        raise RorError("explain", "--month", why, "write it as 2026-01", ExitCode.USAGE) from error
    with sandbox(settings, Limits()) as con:
        found = rows_of(
            con,
            "select channels.*, family, half_life_days, parameters, lookback_days, policy"
            " from marts.attribution_channels as channels"
            " inner join reference.attribution_models using (model_id)"
            " where channel_id = ? and period_start_date = ?"
            " order by conversion_type, is_default desc, model_id",
            [channel_id, first],
        )
        if not found:
            raise RorError(
                "explain", "channel", f"has no credit and no spend in {month}",
                'ror sql "select distinct channel_id from marts.attribution_channels"',
                ExitCode.USAGE,
            )  # fmt: skip
        bands = rows_of(
            con,
            "from marts.attribution_bands where channel_id = ? and period_start_date = ?",
            [channel_id, first],
        )
        return _channel(found, bands, channel_id, month)


def _conversion(con: duckdb.DuckDBPyConnection, conversion: Row) -> list[str]:
    currency = conversion["currency"]
    kind = "order" if conversion["order_id"] else "deal"
    paid, back, net = (
        money(conversion[name], currency) for name in ("gross_minor", "refund_minor", "value_minor")
    )
    native_id, when = conversion["order_id"] or conversion["deal_id"], conversion["converted_text"]
    lines = [
        f"{kind} {native_id}, {when} UTC: {net} {currency} ({paid} less {back} paid back)",
        f"conversion {conversion['conversion_id']}",
    ]
    divided = rows_of(
        con,
        "select credits.*, family, half_life_days, parameters,"
        " epoch_us(touched_at) as touched,"
        " strftime(touched_at, '%Y-%m-%d %H:%M:%S') as touched_text"
        " from marts.attribution_credits as credits"
        " inner join reference.attribution_models as models using (model_id)"
        " left join marts.touchpoints using (touch_id)"
        " where conversion_id = ? order by is_default desc, model_id, touch_index",
        [conversion["conversion_id"]],
    )
    touches = {row["touch_id"]: row for row in divided if row["touched"] is not None}
    ordered = sorted(
        touches.values(), key=lambda row: (row["touched"], row["channel_id"], row["touch_id"])
    )
    number = {row["touch_id"]: place for place, row in enumerate(ordered, start=1)}
    if reason := conversion["no_touch_reason"]:
        lines.append(f"no touch in the window of the default model: {NO_TOUCH[reason]}")
    lines += ["", *_table(["touch", "when, UTC", "before", "channel", "kind", "campaign"], [
        [f"#{number[row['touch_id']]}", f"{row['touched_text']}",
         _ago(row["seconds_to_conversion"]), row["channel_id"], row["touch_type"],
         row["campaign"] or ""]
        for row in ordered
    ])] if ordered else []  # fmt: skip
    lines.append("")
    body = []
    for model_id in dict.fromkeys(row["model_id"] for row in divided):
        mine = [row for row in divided if row["model_id"] == model_id]
        credit = "  ".join(f"{_label(row, number)} {money(_worth(row), currency)}" for row in mine)
        body.append([model_id, _window(mine[0]), credit, _why(mine[0])])
    return lines + _table(["model", "window", f"credit, {currency}", "why"], body, wide=2)


def _channel(found: list[Row], bands: list[Row], channel_id: str, month: str) -> list[str]:
    currency = found[0]["currency"]
    lines = [f"channel {shown(channel_id, CELL_WIDTH)}, {month}"]
    if (spend := found[0]["spend_minor"]) is not None:
        lines.append(f"spend {money(spend, currency)} {currency}")
    lines += [
        f"share of the month's value: {band['min_share']:.1%} ({band['min_model_id']}) to"
        f" {band['max_share']:.1%} ({band['max_model_id']}), {band['agreement']}"
        for band in bands
    ]
    for kind in dict.fromkeys(row["conversion_type"] for row in found):
        body = [
            [row["model_id"], _window(row), money(_worth(row), currency),
             _percent(row["credit_share"]), f"{row['conversion_count']:.2f}",
             _interval(row, currency), _number(row["return_on_spend"]),
             _percent(row["removal_effect"]), _why(row)]
            for row in found
            if row["conversion_type"] == kind
        ]  # fmt: skip
        head = ["model", "window", f"credit, {currency}", "share", "conversions", "95 % interval",
                "return", "lost without", "why"]  # fmt: skip
        lines += ["", f"{kind} conversions", *_table(head, body)]
    return [*lines, "", "credit divides value by a rule; it does not say what the channel caused"]


def _table(head: list[str], body: list[list[str]], wide: int | None = None) -> list[str]:
    """Columns aligned; column `wide` is never cut."""
    cells = [
        [text if place == wide else shown(text, CELL_WIDTH) for place, text in enumerate(row[:-1])]
        + [row[-1]]
        for row in [head, *body]
    ]
    widths = [max(width(row[place]) for row in cells) for place in range(len(head))]
    return ["  ".join(map(_padded, row, widths)).rstrip() for row in cells]


def _padded(text: str, size: int) -> str:
    return text + " " * (size - width(text))


def _why(row: Row) -> str:
    if row["family"] != "position":
        return WORDS[row["family"]].format(half_life_days=row["half_life_days"] or 7)
    roles = json.loads(row["parameters"])
    named = ", ".join(f"{role.replace('_', ' ')} {weight:g}" for role, weight in roles.items())
    return f"{named}; roles that do not occur leave their part to the others"


def _window(row: Row) -> str:
    return f"{row['scope']}, {row['lookback_days']} d, {row['policy']}"


def _label(row: Row, number: dict[str, int]) -> str:
    return f"#{number[row['touch_id']]}" if row["touch_id"] in number else row["touch_id"]


def _worth(row: Row) -> int:
    amount = row["participation_minor"]
    return int(row["credit_minor"] if amount is None else amount)


def _ago(seconds: int) -> str:
    gone = timedelta(seconds=seconds)
    return f"{gone.days} d {gone.seconds // 3600} h" if gone.days else f"{gone.seconds // 60} min"


def _interval(row: Row, currency: str) -> str:
    if row["ci_low_minor"] is None:
        return ""
    ends = (money(round(row[name]), currency) for name in ("ci_low_minor", "ci_high_minor"))
    return " to ".join(ends)


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
