"""What Facebook Pages and Instagram share: the Graph API's version, errors and limits.

Most errors come with status 400, throttles too, and some with 200: the code in the body counts,
never the status alone. Facts as of November 2026; those that may change are tables here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from pipelines.http import DropField as Drop
from pipelines.http import (
    Exchange,
    Fatal,
    Gone,
    Origins,
    Outcome,
    RateSignal,
    Request,
    Retry,
    Service,
    SkipItem,
    Split,
    at,
    default_outcome,
)

VERSION = "v26.0"
VERSION_ENDS = {
    "v21.0": date(2027, 1, 21),
    "v22.0": date(2027, 5, 20),
    "v23.0": date(2027, 10, 8),
    "v24.0": date(2028, 2, 18),
    "v25.0": date(2028, 7, 29),
}  # of our own version no end is announced
VERSION_HEADER, REQUEST_ID_HEADER = "facebook-api-version", "x-fb-trace-id"
USAGE_HEADERS = ("x-app-usage", "x-business-use-case-usage")
PERCENTAGES = ("call_count", "total_cputime", "total_time")
REGAIN = "estimated_time_to_regain_access"  # minutes
USERS = "users"  # group of calls with the user's token: they have limits of their own

TRANSIENT = frozenset({1, 2})
THROTTLES = frozenset({4, 17, 32, 613, *range(80_000, 80_015)})  # app, user, page, custom, use case
TOKEN_CODES = frozenset({102, 104, 190})
TOKEN_ENDS = {
    458: "the app was removed",
    459: "its owner must log in at Facebook",
    460: "its owner changed the password",
    463: "it has expired",
    464: "its owner is not confirmed",
    467: "it was withdrawn",
    2069032: "a page's token is needed",
}
PERMISSIONS = frozenset({3, 10, *range(200, 300)})
INVALID, GONE_SUBCODE, BLOCKED = 100, 33, 368
SERVER_ERRORS = 500  # statuses from here on are not about the request
LONGEST_MINUTES, UNREADABLE = 10**6, 10**9
METRIC, FIELDS = "metric", "fields"  # the parameters that carry lists of names
PERMISSION, FEW_VIEWERS = "permission", "too_few_viewers"
UNKNOWN_FIELD = re.compile(r"nonexisting field \((\w+)\)")


def service(name: str, base_url: str, use_case: str) -> Service:
    """How the Graph API is talked to. `use_case`: what the usage header calls our limits."""
    return Service(
        name,
        Origins(base_url),
        classify=classify,
        read_rate=lambda headers, now: read_usage(headers, now, use_case),
        version_header=VERSION_HEADER,
        request_id_header=REQUEST_ID_HEADER,
    )


def classify(exchange: Exchange) -> Outcome:
    """The meaning of the code in an answer's error object, whatever its status."""
    reply = exchange.reply
    error = at(reply.payload, ("error",)) if reply is not None else None
    if reply is None or not isinstance(error, dict):
        return default_outcome(exchange)
    code = _number(error.get("code"))
    if code is None:
        return default_outcome(exchange)
    found = _meaning(exchange.request, code, error)
    if found is None and reply.status < SERVER_ERRORS:
        return Fatal("refused", f"the request was refused (code {code})")
    return found or default_outcome(exchange)


def _number(value: Any) -> int | None:
    """A code, which some answers write as text."""
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


def _meaning(request: Request, code: int, error: Mapping[str, Any]) -> Outcome | None:
    message = str(error.get("message", ""))
    subcode = _number(error.get("error_subcode"))
    found: Outcome | None = None
    if code == INVALID:
        found = _invalid(request, subcode, message)
    elif code in THROTTLES:
        found = Retry(f"throttled ({code})", is_throttle=True)
    elif code in TOKEN_CODES:
        why = f": {TOKEN_ENDS[subcode]}" if subcode in TOKEN_ENDS else ""
        number = f"{code}/{subcode}" if subcode else str(code)
        found = Fatal("token_refused", f"token refused ({number}{why})")
    elif code in PERMISSIONS:
        found = SkipItem(FEW_VIEWERS if "viewers" in message else PERMISSION)
    elif code == BLOCKED:
        found = Fatal("blocked", "the app is blocked for a while (368)", "look into its inbox")
    elif code in TRANSIENT or error.get("is_transient") is True:
        found = Retry(f"transient error {code}")
    return found


def _invalid(request: Request, subcode: int | None, message: str) -> Outcome | None:
    """Gone, or a name that is wrong: the field is named, the metric is not."""
    if subcode == GONE_SUBCODE:
        return Gone((request.object_id,)) if request.object_id is not None else None
    if request.names_param == METRIC and "metric" in message.lower():
        return Split()
    unknown = UNKNOWN_FIELD.search(message)
    if unknown and request.names_param == FIELDS:
        named = [n for n in request.names if re.search(rf"\b{unknown[1]}\b", n)]
        whole = [n for n in named if n.startswith(unknown[1])]
        if named:
            return Drop((whole or named)[0])
    return None


def read_usage(headers: Mapping[str, str], now: datetime, use_case: str) -> RateSignal | None:
    """How much of our limits is used: the highest percentage, and until when there is no access.

    The app's header has one object of percentages; that of business use cases lists several per
    business. Entries of other use cases count only where ours has none.
    """
    entries = [entry for name in USAGE_HEADERS for entry in _entries(headers.get(name))]
    ours = [e for e in entries if e.get("type") == use_case]
    entries = ours or entries
    used = _numbers(entries, PERCENTAGES)
    minutes = max(_numbers(entries, (REGAIN,)), default=0.0)
    if not used:
        return None
    # While minutes are named there is no access, whatever the percentages say.
    if minutes <= 0:
        return RateSignal(max(used) / 100)
    resets_at = now + timedelta(minutes=min(minutes, LONGEST_MINUTES))
    return RateSignal(max(1.0, max(used) / 100), resets_at=resets_at)


def _entries(text: str | None) -> Iterator[Mapping[str, Any]]:
    """The objects with percentages in a usage header; none in one that cannot be read."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return
    if not isinstance(found, dict):
        return
    if any(key in found for key in PERCENTAGES):
        yield found
    for below in found.values():
        yield from (
            (entry for entry in below if isinstance(entry, dict)) if isinstance(below, list) else ()
        )


def _numbers(entries: Iterable[Mapping[str, Any]], keys: Sequence[str]) -> list[float]:
    """The readable numbers under these keys."""
    found = (entry.get(key) for entry in entries for key in keys)
    return [
        float(value) for value in found
        if isinstance(value, int | float) and not isinstance(value, bool)
        and 0 <= value < UNREADABLE
    ]  # fmt: skip
