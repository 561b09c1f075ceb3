"""What X's answers mean: its problems come as refusals, or beside the data with status 200."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pipelines.http import (
    DropField,
    Exchange,
    Fatal,
    Gone,
    Ok,
    Outcome,
    QuotaStop,
    Reply,
    Request,
    SkipItem,
    at,
    default_outcome,
    next_month,
    server_time,
)
from pipelines.sources.x_dialect import FIELD_PARAMETERS

OK_STATUS, NO_DATA = 200, "status 200 with no data"
OTHER_DIALECT = "other_dialect"
NOT_FOUND, HIDDEN = "resource-not-found", "not-authorized-for-resource"
ITEM_PROBLEMS = frozenset({NOT_FOUND, HIDDEN, "not-authorized-for-field", "resource-unavailable"})
# Of a problem, what may be kept: its other keys name people.
KEPT = ("title", "type", "resource_type", "parameter", "section")
UNKNOWN_PARAMETER = re.compile(r"query parameter \[([^\]]+)\]")


def classify(exchange: Exchange) -> Outcome:
    """Refusals by their type, problems beside data, caps of the month; the rest as usual."""
    reply, request = exchange.reply, exchange.request
    body = reply.payload if reply is not None and reply.is_json else {}
    if reply is None or not body or not isinstance(body, dict):
        is_odd = reply is not None and reply.is_json and reply.status == OK_STATUS
        return Fatal("shape", NO_DATA) if is_odd else default_outcome(exchange)
    match reply.status, kind_of(body):
        case 429, "usage-capped":
            now = server_time(reply.headers)
            reason = "the cap on posts read in a month is reached"
            return QuotaStop(reason, next_month(now) if now else None)
        case 403, kind:
            return SkipItem(kind if kind not in ("", "blank") else "forbidden")
        case 400, "invalid-request":
            return _refused(request, body)
        case 200, _ if not body.get("data") and request.rows_path:
            return _without_data(exchange, reply, request)
    outcome = default_outcome(exchange)
    return Ok(tuple(map(_nameless, outcome.errors))) if isinstance(outcome, Ok) else outcome


def kind_of(problem: Mapping[str, Any]) -> str:
    """The last word of a problem's type: `…/problems/usage-capped`, `about:blank`."""
    return re.split("[/:]", str(problem.get("type", "")))[-1]


def problems_of(body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """What stands under `errors`."""
    found = body.get("errors")
    return [p for p in found if isinstance(p, dict)] if isinstance(found, list) else []


def denied_ids(body: Mapping[str, Any]) -> set[str]:
    """Ids that a lookup says are gone, or hidden by their owner: neither may be kept."""
    return {
        str(problem.get("resource_id") or problem.get("value"))
        for problem in problems_of(body)
        if kind_of(problem) in (NOT_FOUND, HIDDEN)
    }


def _refused(request: Request, body: Mapping[str, Any]) -> Outcome:
    """A parameter is refused: that of the other vocabulary, one of its values, or another one."""
    names: list[str] = []
    for problem in problems_of(body):
        message, parameters = str(problem.get("message", "")), problem.get("parameters")
        unknown = UNKNOWN_PARAMETER.search(message)
        if unknown and unknown[1] in FIELD_PARAMETERS:
            return SkipItem(OTHER_DIALECT)
        names += parameters if isinstance(parameters, dict) else []
        said = message.partition(" is not")[0]  # what follows is the list of what is known
        if refused := [name for name in request.names if f"[{name}]" in said]:
            return DropField(refused[0])
    return Fatal("refused", f"a parameter was refused: {', '.join(names) or 'not said which'}")


def _without_data(exchange: Exchange, reply: Reply, request: Request) -> Outcome:
    """Nothing found, problems instead of data (with the object asked for, or all of a list), or an
    error. Data may be missing only where the result says that it is empty.
    """
    problems = problems_of(reply.payload)
    kinds = {kind_of(problem) for problem in problems}
    is_empty_page = at(reply.payload, ("meta", "result_count")) == 0
    if not problems and not is_empty_page and "data" not in reply.payload:
        return Fatal("shape", NO_DATA)
    if not kinds <= ITEM_PROBLEMS:
        return default_outcome(exchange)
    if not problems or request.object_id is None or "meta" in reply.payload:
        return Ok(tuple(map(_nameless, problems)))
    return Gone((request.object_id,)) if NOT_FOUND in kinds else SkipItem(HIDDEN)


def _nameless(problem: Any) -> Any:
    if not isinstance(problem, dict):
        return "a problem of an unknown form"
    return {key: problem[key] for key in KEPT if key in problem}
