"""Pages of the Graph API: cursors of both ends, and a link that carries the token."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode

from pipelines.world.fakenet import graph_errors as errors
from pipelines.world.fakenet.facade import EPOCH
from pipelines.world.fakenet.pacific import day_start
from pipelines.world.fakenet.store import Seen

DEFAULT = 25
Place = tuple[int, str]


def cut(
    members: Sequence[Seen],
    options: Mapping[str, str],
    most: int,
    *,
    is_oldest_first: bool,
    is_by_update: bool = False,
) -> tuple[list[Seen], dict[str, str], bool]:
    """The page that is asked for, its cursors (none when it is empty), and whether more follow."""
    limit = _limit(options.get("limit", str(min(DEFAULT, most))), most)
    sign = 1 if is_oldest_first else -1
    placed = sorted(
        ((_place(seen, sign, is_by_update), seen) for seen in members), key=lambda pair: pair[0]
    )
    if after := options.get("after"):
        placed = [pair for pair in placed if pair[0] > _decoded(after)]
    elif before := options.get("before"):
        placed = [pair for pair in placed if pair[0] < _decoded(before)][-limit:] if limit else []
    page = placed[:limit]
    if not page:
        return [], {}, False
    cursors = {"before": _encoded(page[0][0]), "after": _encoded(page[-1][0])}
    return [seen for _, seen in page], cursors, len(placed) > limit or bool(options.get("before"))


def link(address: str, query: Sequence[tuple[str, str]], name: str, cursor: str) -> str:
    """The address with the cursor in place of those before."""
    kept = [(key, value) for key, value in query if key not in ("after", "before")]
    return f"{address}?{urlencode([*kept, (name, cursor)])}"


def _limit(text: str, most: int) -> int:
    if not text.isdigit():
        raise errors.parameter("Param limit must be a non-negative number")
    if int(text) > most:
        raise errors.parameter(f"Param limit must be a number less than or equal to {most}")
    return int(text)


def _place(seen: Seen, sign: int, is_by_update: bool) -> Place:
    stamp = seen.updated_at if is_by_update else seen.created_at
    return sign * ((stamp - EPOCH) // timedelta(microseconds=1)), seen.record_id


def _encoded(place: Place) -> str:
    return base64.urlsafe_b64encode(f"{place[0]}:{place[1]}".encode()).decode().rstrip("=")


def _decoded(cursor: str) -> Place:
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        number, _, record_id = text.partition(":")
        return int(number), record_id
    except (ValueError, binascii.Error):
        raise errors.parameter("Invalid cursors values") from None


def instant(text: str) -> datetime:
    """Epoch seconds, a date (Pacific) or an instant with an offset."""
    try:
        if text.lstrip("-").isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        if len(text) == len("2026-01-01"):
            return day_start(date.fromisoformat(text))
        found = datetime.fromisoformat(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise errors.parameter(f"Must be a unix timestamp or a date: {text}") from None


def created_within(found: Sequence[Seen], options: Mapping[str, str]) -> list[Seen]:
    """Those created in `since` to `until`; changes later than that do not count."""
    first = instant(options["since"]) if options.get("since") else EPOCH
    last = instant(options["until"]) if options.get("until") else datetime.max.replace(tzinfo=UTC)
    return [seen for seen in found if first <= seen.created_at < last]
