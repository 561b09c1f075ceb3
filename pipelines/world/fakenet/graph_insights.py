"""What insights of pages, posts and Instagram accounts share: metric lists, windows, rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from pipelines.world.fakenet import graph_errors as errors
from pipelines.world.fakenet.facade import Refused
from pipelines.world.fakenet.graph_nodes import Json, Moment, Options
from pipelines.world.fakenet.graph_pages import instant
from pipelines.world.fakenet.pacific import day_of, day_start

PARAMETERS = ("metric", "period", "since", "until", "date_preset", "breakdown")
PERIOD_DAYS = {"day": 1, "week": 7, "days_28": 28}


@dataclass(frozen=True)
class Metric:
    """A metric. `figure`: what it is made of; `share`: of that figure, in 0..1.

    `is_unique`: counts people, so that days do not add up. `dead_from`: first day without it.
    """

    name: str
    figure: str
    share: float = 1.0
    periods: tuple[str, ...] = ("day", "week", "days_28")
    is_unique: bool = False
    dead_from: date | None = None
    successor: str = ""

    def is_alive(self, now: datetime) -> bool:
        """The vendor still answers it at `now`."""
        return self.dead_from is None or day_of(now) < self.dead_from


def names(text: str) -> list[str]:
    """A list of metrics, each once; Refused with 3001 when it is empty."""
    wanted = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
    if not wanted:
        raise Refused(
            errors.graph_error(
                3001, "Invalid query", subcode=1504028, is_transient=False,
                error_user_title="No Metric Specified",
                error_user_msg="No metric was specified to be fetched. Please specify one or more "
                "metrics to be fetched and try again.",
            )
        )  # fmt: skip
    return wanted


def window(options: Options, now: datetime, most_days: int) -> tuple[date, date]:
    """First and last day asked for; without `since` and `until` the two newest whole ones."""
    today = day_of(now)
    until = day_of(instant(options["until"])) if options.get("until") else today
    since = day_of(instant(options["since"])) if options.get("since") else until - timedelta(days=2)
    if since > until:
        raise errors.parameter("The since parameter must be before the until parameter")
    if (until - since).days > most_days:
        raise errors.parameter(
            f"There cannot be more than {most_days} days ({most_days * 86_400} s) between since "
            "and until"
        )
    return since, until - timedelta(days=1)


def row(
    object_id: str, name: str, period: str, values: Sequence[Json] | None = None,
    total: Json | None = None,
) -> Json:  # fmt: skip
    """One metric of one period: with `values` per day, or with one `total_value`."""
    title = name.replace("_", " ").capitalize()
    body: Json = {"name": name, "period": period}
    if values is not None:
        body["values"] = list(values)
    body |= {"title": title, "description": f"{title} ({period})"}
    if total is not None:
        body["total_value"] = total
    return body | {"id": f"{object_id}/insights/{name}/{period}"}


def neighbours(moment: Moment, object_id: str, options: Options, first: date, last: date) -> Json:
    """Links to the windows before and after: there is always a next one, so it is no end rule."""
    length = timedelta(days=(last - first).days + 1)
    links: Json = {}
    for name, since in (("previous", first - length), ("next", first + length)):
        span = {"since": _epoch(since), "until": _epoch(since + length)}
        query: Mapping[str, Any] = {"access_token": moment.caller.token, **options, **span}
        links[name] = f"{moment.root}/{object_id}/insights?{urlencode(query)}"
    return links


def _epoch(day: date) -> int:
    return int(day_start(day).timestamp())
