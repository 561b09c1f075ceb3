"""How each list of HubSpot is read: all of it at first and weekly, by search for changes between.

The search knows only live objects, is behind by minutes and ends at 10,000 results; it is asked
again from the last stamp. What has left the lists is asked for by id before it has ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from pipelines.http import Answer, BodyCursor, Ok, Request
from pipelines.sources.reading import Listing, Page, Reading, Scope, Window
from pipelines.sources.spec import Row
from pipelines.sources.values import batches

NAME, VERSION = "hubspot", "2026-09"
PAGE_SIZE, SEARCH_SIZE, HISTORY_SIZE, BATCH_SIZE, ASSOCIATION_SIZE = 100, 200, 50, 100, 1000
MOST_RESULTS = 10_000  # of one search
LAG = timedelta(minutes=15)  # the search index is behind
ALL_EVERY = timedelta(days=7)
MODIFIED = {"contacts": "lastmodifieddate"}  # the rest: hs_lastmodifieddate
PROPERTIES: dict[str, tuple[str, ...]] = {
    "contacts": (
        "email", "firstname", "lastname", "phone", "country", "hs_language", "lifecyclestage",
        "hs_email_optout", "associatedcompanyid", "hs_merged_object_ids", "hubspot_owner_id",
    ),
    "companies": ("name", "domain", "industry", "numberofemployees", "hubspot_owner_id"),
    "deals": (
        "dealname", "pipeline", "dealstage", "amount", "deal_currency_code", "closedate",
        "hubspot_owner_id",
    ),
    "tickets": (
        "subject", "hs_pipeline", "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority",
        "source_type", "closed_date", "hubspot_owner_id",
    ),
}  # fmt: skip
# Their past is told: it dates a deal that was won before the first night.
DEAL_HISTORY = ("dealstage", "pipeline", "amount", "deal_currency_code", "closedate")


@dataclass(frozen=True)
class SearchPages:
    """Pages of a search: `after` in the body, and from the last stamp anew before the limit.

    Objects with that last stamp come twice; they are the same objects.
    """

    stamp: str

    def following(self, request: Request, answer: Answer) -> tuple[str, Request] | None:
        """See `Paginator`."""
        after = str((answer.payload or {}).get("paging", {}).get("next", {}).get("after") or "")
        if not after:
            return None
        if int(after) + SEARCH_SIZE <= MOST_RESULTS:
            return f"{self._since(request)} {after}", replace(
                request, json={**request.json, "after": after}
            )
        last = str(answer.rows[-1]["properties"][self.stamp])
        body = {k: v for k, v in request.json.items() if k != "after"}
        return last, replace(request, json=body | _changed_since(self.stamp, last))

    def _since(self, request: Request) -> str:
        return str(request.json["filterGroups"][0]["filters"][0]["value"])


def _changed_since(stamp: str, value: str) -> dict[str, Any]:
    condition = {"propertyName": stamp, "operator": "GTE", "value": value}
    return {"filterGroups": [{"filters": [condition]}]}


def _properties(reading: Reading, kind: str) -> tuple[str, ...]:
    own = reading.config.social_properties.values() if kind == "contacts" else ()
    return (*PROPERTIES[kind], *own)


def _list(reading: Reading, kind: str, *, archived: bool) -> Listing:
    params = [("properties", ",".join(_properties(reading, kind))), ("limit", str(PAGE_SIZE))]
    if archived:
        params.append(("archived", "true"))
    path = f"/crm/objects/{VERSION}/{kind}"
    request = Request(kind, path, params=tuple(params), rows_path=("results",))
    return reading.listing(request, BodyCursor(("paging", "next", "after"), "after"))


def _search(reading: Reading, kind: str, window: Window) -> Listing:
    stamp = MODIFIED.get(kind, "hs_lastmodifieddate")
    since = window.since.isoformat() if window.since else "1970-01-01T00:00:00Z"
    body = {
        "limit": SEARCH_SIZE,
        "properties": [*_properties(reading, kind), stamp],
        "sorts": [{"propertyName": stamp, "direction": "ASCENDING"}],
    } | _changed_since(stamp, since)
    if window.until is not None:
        before = {"propertyName": stamp, "operator": "LT", "value": window.until.isoformat()}
        body["filterGroups"][0]["filters"].append(before)  # type: ignore[index]
    request = Request(
        kind, f"/crm/objects/{VERSION}/{kind}/search", method="POST", json=body, group="search",
        rows_path=("results",),
    )  # fmt: skip
    return reading.listing(request, SearchPages(stamp))


def read_contacts(reading: Reading) -> Iterator[Page]:
    """People, with the social profiles that the brand's own properties hold."""
    own = reading.config.social_properties
    for page in _read_objects(reading, "contacts"):
        yield replace(page, rows=[_with_profiles(row, own) for row in page.rows])


def _with_profiles(row: Any, own: Mapping[str, str]) -> Any:
    values = (row.get("properties") or {}) if isinstance(row, dict) else {}
    found = [f"{network}|{values[name]}" for network, name in own.items() if values.get(name)]
    return {**row, "social_profiles": ";".join(found) or None} if found else row


def read_companies(reading: Reading) -> Iterator[Page]:
    """Firms."""
    yield from _read_objects(reading, "companies")


def read_tickets(reading: Reading) -> Iterator[Page]:
    """Cases."""
    yield from _read_objects(reading, "tickets")


def read_deals(reading: Reading) -> Iterator[Page]:
    """Deals, the past of their stage and amount, and their people."""
    for page in _read_objects(reading, "deals"):
        yield page
        ids = [str(row["id"]) for row in page.rows if isinstance(row, dict) and "id" in row]
        if not page.beside.get("is_archived"):
            yield from _read_history(reading, ids)
            yield from _read_associations(reading, ids)


def _read_objects(reading: Reading, kind: str) -> Iterator[Page]:
    """Everything, or what has changed; and always the bin."""
    window = reading.window(kind, "", LAG, ALL_EVERY)
    live = (
        _list(reading, kind, archived=False) if window.is_full else _search(reading, kind, window)
    )
    for answer in live:
        yield Page(answer.rows, too_complex=answer.too_complex)
    binned = _list(reading, kind, archived=True)
    for answer in binned:
        yield Page(answer.rows, beside={"is_archived": True}, too_complex=answer.too_complex)
    if live.is_complete and binned.is_complete:
        reading.done(kind, "", window)
        if window.is_full:
            reading.whole(Scope(kind))


def _read_history(reading: Reading, ids: Sequence[str]) -> Iterator[Page]:
    requests = [
        _batch("deals", "deals/batch/read", batch, propertiesWithHistory=list(DEAL_HISTORY))
        for batch in batches(ids, HISTORY_SIZE)
    ]
    for answer in reading.many(requests):
        if isinstance(answer.outcome, Ok):
            rows = [change for deal in answer.rows for change in _changes(deal)]
            yield Page(rows, resource="deal_changes")


def _changes(deal: Any) -> Iterator[dict[str, Any]]:
    for name, values in (deal.get("propertiesWithHistory") or {}).items():
        for value in values:
            yield {
                "deal_id": deal["id"], "property": name, "value": value.get("value"),
                "changed_at": value.get("timestamp"),
            }  # fmt: skip


def _read_associations(reading: Reading, ids: Sequence[str]) -> Iterator[Page]:
    for batch in batches(ids, ASSOCIATION_SIZE):
        for kind, resource in (("contacts", "deal_contacts"), ("companies", "deal_companies")):
            path = f"/crm/associations/{VERSION}/deals/{kind}/batch/read"
            body = {"inputs": [{"id": i} for i in batch]}
            request = Request(resource, path, method="POST", json=body, rows_path=("results",))
            answer = reading.fetch(request)
            if not isinstance(answer.outcome, Ok):
                continue
            rows = [
                {"deal_id": item["from"]["id"], "to_id": to["toObjectId"]}
                for item in answer.rows
                for to in item["to"]
            ]
            yield Page(rows, resource=resource)
            for deal_id in batch:
                reading.whole(Scope(resource, {"deal_id": deal_id}))


def _batch(resource: str, path: str, ids: Sequence[str], **body: Any) -> Request:
    return Request(
        resource, f"/crm/objects/{VERSION}/{path}", method="POST", rows_path=("results",),
        json={"inputs": [{"id": i} for i in ids], **body},
    )  # fmt: skip


def read_owners(reading: Reading) -> Iterator[Page]:
    """The brand's staff, those who left too."""
    is_complete = True
    for archived in ("false", "true"):
        params = (("limit", str(PAGE_SIZE)), ("archived", archived))
        request = Request("owners", f"/crm/owners/{VERSION}", params=params, rows_path=("results",))
        listing = reading.listing(request, BodyCursor(("paging", "next", "after"), "after"))
        for answer in listing:
            yield Page(answer.rows)
        is_complete = is_complete and listing.is_complete
    if is_complete:
        reading.whole(Scope("owners"))


def read_stages(reading: Reading) -> Iterator[Page]:
    """The stages of the pipelines of deals: which of them mean won or lost."""
    path = f"/crm/pipelines/{VERSION}/deals"
    answer = reading.fetch(Request("stages", path, rows_path=("results",)))
    if not isinstance(answer.outcome, Ok):
        reading.unavailable.append("stages: not readable")
        return
    rows = [
        {**stage, "pipeline_id": pipeline["id"], "pipeline_label": pipeline.get("label")}
        for pipeline in answer.rows
        for stage in pipeline.get("stages", [])
    ]
    yield Page(rows)
    reading.whole(Scope("stages"))


def lost_of(kind: str) -> Any:
    """The lookup of a kind: of some objects those that are neither live nor in the bin."""

    def lost(reading: Reading, rows: Sequence[Row]) -> Iterator[Row]:
        for batch in batches(rows, BATCH_SIZE):
            ids, there = [str(row["id"]) for row in batch], set[str]()
            for params in ((), (("archived", "true"),)):
                request = replace(_batch(kind, f"{kind}/batch/read", ids), params=params)
                answer = reading.fetch(request)
                if not isinstance(answer.outcome, Ok):
                    there.update(ids)  # nobody could say: it has not ended
                there.update(str(found.get("id")) for found in answer.rows)
            yield from (row for row in batch if str(row["id"]) not in there)

    return lost


def probe(reading: Reading) -> None:
    """The cheapest request that shows whether the token may read contacts."""
    path, params = f"/crm/objects/{VERSION}/contacts", (("limit", "1"),)
    answer = reading.fetch(Request("contacts", path, params=params, rows_path=("results",)))
    if not isinstance(answer.outcome, Ok):
        reading.unavailable.append("contacts: the token may not read them")
