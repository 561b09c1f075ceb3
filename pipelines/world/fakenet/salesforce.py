"""Salesforce: queries in SOQL with their pages, single records, deleted ids, limits, logins.

A page is named by a locator in the path, valid for a query that the server keeps in mind.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipelines.world.fakenet import salesforce_errors as errors
from pipelines.world.fakenet.facade import PageShape, Refused, Reply, Request, Tokens, stable_hex
from pipelines.world.fakenet.salesforce_catalogue import OBJECTS, SObject
from pipelines.world.fakenet.salesforce_gate import LOGIN_PATH, SESSION, Gate
from pipelines.world.fakenet.salesforce_soql import Query, checked, chosen, parse
from pipelines.world.fakenet.salesforce_view import (
    BIN_KEPT,
    View,
    described,
    instant_text,
    shown,
    sobject_named,
)
from pipelines.world.fakenet.store import Fate, Store

BATCH_SIZE = 2_000  # records of a page: at most, the server may give fewer
KEPT_QUERIES = 10  # of one user; an older one's locator is no longer known
VERSION = "v67.0"
Json = dict[str, Any]


class Salesforce:
    """The façade. `hidden`: fields that this org does not have, or that the user may not see."""

    name = "salesforce"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tokens = Tokens()
        self.tokens.add(SESSION, OBJECTS)
        self.gate = Gate(self.tokens)
        self.view = View(store)
        self.hidden: set[str] = set()
        self._kept: dict[str, tuple[Query, list[Json]]] = {}

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        if request.path == LOGIN_PATH:
            return self.gate.login(request)
        try:
            reply = Reply(200, self._read(self.gate.path(request), request))
        except Refused as refusal:
            reply = refusal.reply
        return reply.with_headers(self.gate.headers())

    def _read(self, path: str, request: Request) -> Any:
        if request.method != "GET":
            raise errors.refuse(405, "METHOD_NOT_ALLOWED", f"HTTP Method '{request.method}' not"
                                " allowed. Allowed are HEAD,GET")  # fmt: skip
        match [part for part in path.split("/") if part]:
            case ["limits"]:
                limit = self.gate.window.limit
                left = max(0, limit - self.gate.used)
                return {"DailyApiRequests": {"Max": limit, "Remaining": left}}
            case ["query" | "queryAll" as kind]:
                return self._query(request, with_bin=kind == "queryAll")
            case ["query" | "queryAll" as kind, locator]:
                return self._page(kind, locator)
            case ["sobjects", name, "describe"]:
                return described(self._sobject(name, request), frozenset(self.hidden))
            case ["sobjects", name, "deleted"]:
                return self._deleted(self._sobject(name, request), request)
            case ["sobjects", name, record_id]:
                return self._record(self._sobject(name, request), record_id, request)
        raise errors.not_found()

    def _sobject(self, name: str, request: Request) -> SObject:
        sobject = sobject_named(name)
        if sobject is None or not self.gate.may_read(request, sobject.name):
            raise errors.no_type(name)
        return sobject

    def _query(self, request: Request, *, with_bin: bool) -> Json:
        asked = parse(request.one("q"))
        sobject = self._sobject(asked.sobject, request)
        query = checked(asked, sobject, frozenset(self.hidden))
        rows = chosen(query, self.view.rows(sobject, request.now, with_bin=with_bin))
        if not query.fields:
            return {"totalSize": len(rows), "done": True, "records": []}
        records = [shown(sobject, row, query.fields, VERSION) for row in rows]
        kind = "queryAll" if with_bin else "query"
        query_id = f"01g{stable_hex(request.target, request.arrived_at)[:15]}"
        self._kept[query_id] = (query, records)
        for old in list(self._kept)[:-KEPT_QUERIES]:
            del self._kept[old]
        return self._page(kind, f"{query_id}-0")

    def _page(self, kind: str, locator: str) -> Json:
        query_id, _, start = locator.partition("-")
        if query_id not in self._kept or not start.isdigit():
            raise errors.refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        _, records = self._kept[query_id]
        end = int(start) + BATCH_SIZE
        body: Json = {"totalSize": len(records), "done": end >= len(records)}
        if end < len(records):
            body["nextRecordsUrl"] = f"/services/data/{VERSION}/{kind}/{query_id}-{end}"
        return body | {"records": records[int(start) : end]}

    def _record(self, sobject: SObject, record_id: str, request: Request) -> Json:
        found = [row for row in self.view.rows(sobject, request.now, with_bin=False)
                 if row["Id"] == record_id or row["Id"][:15] == record_id]  # fmt: skip
        if not found:
            raise errors.not_found()
        names = tuple(name for name in sobject.fields if name not in self.hidden)
        return shown(sobject, found[0], names, VERSION)

    def _deleted(self, sobject: SObject, request: Request) -> Json:
        start, end = (_instant(request.one(name)) for name in ("start", "end"))
        if start >= end:
            message = "endDate must be at least one minute greater than startDate"
            raise errors.refuse(400, "INVALID_REPLICATION_DATE", message)
        if start < request.now - 2 * BIN_KEPT:
            message = "startDate cannot be more than 30 days ago"
            raise errors.refuse(400, "INVALID_REPLICATION_DATE", message)
        found = [(i, at) for i, at in self.view.deleted(sobject, request.now) if start <= at < end]
        return {
            "deletedRecords": [{"id": i, "deletedDate": instant_text(at)} for i, at in found],
            "earliestDateAvailable": instant_text(request.now - BIN_KEPT),
            "latestDateCovered": instant_text(end),
        }  # fmt: skip

    def endpoint(self, request: Request) -> str:
        """Method, path and the object that is asked for, which the path does not name."""
        plain = f"{request.method} {request.path}"
        query_id = request.path.rpartition("/")[2].partition("-")[0]
        if query_id in self._kept:
            return f"{plain} {self._kept[query_id][0].sobject}"
        try:
            return f"{plain} {parse(request.one('q')).sobject}" if request.one("q") else plain
        except Refused:
            return plain

    def expected(self, now: datetime) -> dict[str, Any]:
        """Live records by object, those in the bin, merges of contacts, conversions of leads."""
        live: dict[str, Any] = {name: len(self.store.live(name, now)) for name in OBJECTS}
        binned = {
            f"binned_{name}": sum(
                1 for row in self.view.rows(sobject, now, with_bin=True) if row.get("IsDeleted")
            )
            for name, sobject in OBJECTS.items()
        }
        merged = self.store.ended("Contact", Fate.MERGED, now)
        leads = [s for s in self.store.live("Lead", now) if s.fields.get("IsConverted")]
        return live | binned | {
            "merges": {seen.record_id: seen.winner_id for seen in merged},
            "conversions": {s.record_id: s.fields["ConvertedContactId"] for s in leads},
        }  # fmt: skip

    def shape(self, request: Request) -> PageShape | None:
        """Queries; the next page is named in the path, so a cursor cannot be read from a query."""
        if "/query" in request.path:
            return PageShape(("records",), ("nextRecordsUrl",), (), "locator")
        return None

    def throttled(self) -> Reply:
        """The org's day is used up."""
        return errors.limit_exceeded()

    def expire_tokens(self, now: datetime) -> None:
        """All sessions end."""
        self.tokens.end_all(now)


def _instant(text: str) -> datetime:
    wrong = errors.refuse(400, "INVALID_REPLICATION_DATE", f"no time: {text}")
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise wrong from None
    if found.tzinfo is None:
        raise wrong
    return found
