"""HubSpot: the v3 paths and those of the date version 2026-09, served by one handler.

`/crm/v3/objects/contacts` = `/crm/objects/2026-09/contacts`; associations are v4 in the old form.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.facade import (
    PageShape,
    Refused,
    Reply,
    Request,
    Tokens,
    stable_hex,
)
from pipelines.world.fakenet.hubspot_catalogue import OBJECT_TYPES, PROPERTIES, SCOPES
from pipelines.world.fakenet.hubspot_errors import not_found, rate_limited
from pipelines.world.fakenet.hubspot_gate import Gate
from pipelines.world.fakenet.hubspot_objects import Links
from pipelines.world.fakenet.hubspot_reads import Endpoint, Portal
from pipelines.world.fakenet.store import Fate, Store

DATE_VERSION = "2026-09"
TOKEN, REFRESH_TOKEN, CLIENT_SECRET = "pat-fake-0001", "refresh-fake-0001", "secret-fake-0001"
OAUTH_LIFETIME = timedelta(minutes=30)
_OLD = re.compile(r"^/crm/v[34]/(objects|owners|pipelines|properties|associations)(/.*)?$")
_NEW = re.compile(
    rf"^/crm/(objects|owners|pipelines|properties|associations)/{DATE_VERSION}(/.*)?$"
)


class HubSpot:
    """The façade. `search_lag`: how far the search index is behind; `since`: age of the portal."""

    name = "hubspot"

    def __init__(
        self, store: Store, since: datetime, *, search_lag: timedelta = timedelta(0)
    ) -> None:
        self.store = store
        self.tokens = Tokens()
        self.tokens.add(TOKEN, SCOPES.values())
        self.gate = Gate(self.tokens)
        self.portal = Portal(store, since, search_lag)
        self._given = 0

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        try:
            if request.path == "/oauth/v1/token":
                return self._refreshed(request)
            endpoint = self._endpoint(request.path)
            headers = self.gate.check(request, endpoint)
            return self.portal.read(endpoint, request).with_headers(headers)
        except Refused as refusal:
            return refusal.reply

    def _endpoint(self, path: str) -> Endpoint:
        """Take a path of either dialect apart; 404 for versions and types there are none of."""
        match = _OLD.match(path) or _NEW.match(path)
        if not match:
            raise not_found()
        resource, rest = match[1], tuple(part for part in (match[2] or "").split("/") if part)
        if resource == "owners":
            return Endpoint("owners", "owners", rest)
        if not rest or rest[0] not in OBJECT_TYPES:
            raise not_found(f"Unable to infer object type from: {rest[0] if rest else ''}")
        return Endpoint(resource, OBJECT_TYPES[rest[0]], rest[1:])

    def _refreshed(self, request: Request) -> Reply:
        """A new access token for the refresh token; form fields as OAuth 2.0 has them."""
        fields = dict(part.partition("=")[::2] for part in request.body.decode().split("&"))
        is_right = fields.get("refresh_token") == REFRESH_TOKEN
        if request.method != "POST" or fields.get("grant_type") != "refresh_token" or not is_right:
            body = {"status": "BAD_REFRESH_TOKEN", "message": "missing or unknown refresh token"}
            return Reply(400, body)
        self._given += 1
        token = f"oauth-fake-{stable_hex('hubspot', self._given)[:12]}"
        self.tokens.add(token, SCOPES.values(), request.arrived_at + OAUTH_LIFETIME)
        seconds = int(OAUTH_LIFETIME.total_seconds())
        return Reply(
            200,
            {
                "token_type": "bearer", "refresh_token": REFRESH_TOKEN, "access_token": token,
                "expires_in": seconds,
            },
        )  # fmt: skip

    def expected(self, now: datetime) -> dict[str, Any]:
        """Live, archived, erased and merged objects by type, owners, pairs of associations."""
        links = Links(self.store, now)
        count: dict[str, Any] = {}
        for kind in PROPERTIES:
            count[kind] = len(self.store.live(kind, now))
            count[f"archived_{kind}"] = len(self.store.ended(kind, Fate.DELETED, now))
        count["owners"] = len(self.store.live("owners", now))
        count["archived_owners"] = len(self.store.ended("owners", Fate.DELETED, now))
        count["erased_contacts"] = len(self.store.ended("contacts", Fate.ERASED, now))
        merged = self.store.ended("contacts", Fate.MERGED, now)
        count["merges"] = {seen.record_id: seen.winner_id for seen in merged}
        count["associations"] = {
            "deals_to_contacts": links.count("deals", "contacts"),
            "deals_to_companies": links.count("deals", "companies"),
            "contacts_to_companies": links.count("contacts", "companies"),
            "tickets_to_contacts": links.count("tickets", "contacts"),
        }
        return count

    def shape(self, request: Request) -> PageShape | None:
        """Lists carry `after` in the query, searches in the body; batches have no pages."""
        try:
            endpoint = self._endpoint(request.path)
        except Refused:
            return None
        is_search, is_batch = endpoint.rest == ("search",), endpoint.rest[-2:] == ("batch", "read")
        if endpoint.rest and not is_search and not is_batch:
            return None
        if is_batch or endpoint.resource not in ("objects", "owners"):
            return PageShape(("results",), (), (), "")
        cursor = ("paging", "next", "after")
        return PageShape(("results",), cursor, ("paging", "next", "link"), "after", is_search)

    def throttled(self) -> Reply:
        """The ten-second refusal."""
        return rate_limited("TEN_SECONDLY_ROLLING")

    def expire_tokens(self, now: datetime) -> None:
        """All access tokens end; the refresh token stays good."""
        self.tokens.end_all(now)
