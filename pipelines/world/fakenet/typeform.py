"""Typeform: forms and their responses.

A page of responses continues behind a token that the client takes from the last item; a window of
time and a token exclude one another. Parameters it does not know are ignored.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.facade import (
    PageShape,
    Refused,
    Reply,
    Request,
    Tokens,
    bearer,
)
from pipelines.world.fakenet.rates import RollingWindow
from pipelines.world.fakenet.store import Seen, Store
from pipelines.world.fakenet.typeform_store import FORM, RESPONSE, Json, instant_of

TOKEN = "tfp_fake0001"  # noqa: S105  the fake's own
FORMS_READ, RESPONSES_READ, ACCOUNTS_READ = "forms:read", "responses:read", "accounts:read"
REQUESTS_PER_SECOND = 2
RESPONSES_DEFAULT, RESPONSES_MOST, FORMS_DEFAULT, FORMS_MOST = 25, 1_000, 10, 200
ASCENDING, DESCENDING = "submitted_at,asc", "submitted_at,desc"
RESPONSE_TYPES = ("started", "partial", "completed")
WINDOWS, PLACES = ("since", "until"), ("before", "after")


def refuse(status: int, code: str, description: str, name: str = "") -> Refused:
    """An error; `name`: the query parameter at fault."""
    body: Json = {"code": code, "description": description}
    if name:
        detail = {"code": "INVALID", "description": description, "field": name, "in": "query"}
        body["details"] = [detail]
    return Refused(Reply(status, body))


class Typeform:
    """The façade."""

    name = "typeform"

    def __init__(self, store: Store) -> None:
        self.store = store
        self.tokens = Tokens()
        self.tokens.add(TOKEN, [FORMS_READ, RESPONSES_READ, ACCOUNTS_READ])
        self.window = RollingWindow(REQUESTS_PER_SECOND, timedelta(seconds=1))

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        try:
            return Reply(200, self._read(request))
        except Refused as refusal:
            return refusal.reply

    def _read(self, request: Request) -> Json:
        parts = (
            [part for part in request.path.split("/") if part] if request.method == "GET" else []
        )
        match parts:
            case ["me"]:
                self._check(request, ACCOUNTS_READ)
                return {"alias": "beanandbond", "email": "owner@beanandbond.example",
                        "language": "en", "user_id": "01BEANBOND"}  # fmt: skip
            case ["forms"]:
                self._check(request, FORMS_READ)
                return self._forms(request)
            case ["forms", form]:
                self._check(request, FORMS_READ)
                return dict(self._form(form, request).fields)
            case ["forms", form, "responses"]:
                self._check(request, RESPONSES_READ)
                return self._responses(self._form(form, request).record_id, request)
        raise refuse(404, "NOT_FOUND", "There is no such resource")

    def _check(self, request: Request, scope: str) -> None:
        """Token, rate, permission."""
        token = bearer(request)
        if token is None:
            message = "Authentication credentials not found on the Request Headers"
            raise refuse(401, "AUTHENTICATION_FAILED", message)
        grant = self.tokens.grants.get(token)
        is_over = bool(grant and grant.expires_at and grant.expires_at <= request.arrived_at)
        if grant is None or is_over:
            raise refuse(401, "AUTHENTICATION_FAILED", "Invalid access token")
        if self.window.take(request.arrived_at).is_refused:
            raise Refused(self.throttled())
        if scope not in grant.scopes:
            message = "User doesn't have permission to access the resource"
            raise refuse(403, "FORBIDDEN", message)

    def _form(self, form: str, request: Request) -> Seen:
        seen = self.store.find(FORM, form, request.now)
        if seen is None or seen.fate is not None:
            raise refuse(404, "FORM_NOT_FOUND", f"Form with ID {form} could not be found")
        return seen

    def _forms(self, request: Request) -> Json:
        """Newest first, by page number."""
        size = _size(request, FORMS_DEFAULT, FORMS_MOST)
        page = _whole(request, "page", 1)
        if page < 1:
            raise refuse(400, "VALIDATION_ERROR", "page must be at least 1", "page")
        found = self.store.live(FORM, request.now)[::-1]
        items = [
            {name: seen.fields[name] for name in ("id", "type", "title", "created_at",
                                                  "last_updated_at", "theme", "_links")}
            | {"self": {"href": f"https://api.typeform.com/forms/{seen.record_id}"},
               "settings": {"is_public": True}}
            for seen in found[size * (page - 1) : size * page]
        ]  # fmt: skip
        return {"total_items": len(found), "page_count": -(-len(found) // size), "items": items}

    def _responses(self, form: str, request: Request) -> Json:
        size = _size(request, RESPONSES_DEFAULT, RESPONSES_MOST)
        order = _order(request)
        found = [s for s in self.store.live(RESPONSE, request.now) if s.fields["form"] == form]
        types = request.many("response_type") or ["completed"]
        if unknown := [name for name in types if name not in RESPONSE_TYPES]:
            message = f"{unknown[0]} is no type of response"
            raise refuse(400, "VALIDATION_ERROR", message, "response_type")
        found = [s for s in found if s.fields["body"]["response_type"] in types]
        if wanted := request.many("included_response_ids"):
            found = [s for s in found if s.record_id in wanted]
        unwanted = request.many("excluded_response_ids")
        found = [s for s in found if s.record_id not in unwanted]
        found = _behind(_within(found, request), request)
        # Behind `after` the oldest come first, so that reading on never repeats one.
        is_rising = bool(request.one("after")) or order == ASCENDING
        found.sort(key=_place, reverse=not is_rising)
        return {
            "total_items": len(found),
            "page_count": -(-len(found) // size),
            "items": [seen.fields["body"] for seen in found[:size]],
        }

    def expected(self, now: datetime) -> dict[str, Any]:
        """Forms, completed and partial responses, completed ones by form id."""
        found = self.store.live(RESPONSE, now)
        completed = [s for s in found if s.fields["body"]["response_type"] == "completed"]
        forms = [seen.record_id for seen in self.store.live(FORM, now)]
        return {
            "forms": len(forms),
            "responses": len(completed),
            "partial_responses": len(found) - len(completed),
            "responses_of": {f: sum(s.fields["form"] == f for s in completed) for f in forms},
        }

    def shape(self, request: Request) -> PageShape | None:
        """Responses: the client makes the cursor from the last token."""
        if request.path.endswith("/responses"):
            return PageShape(("items",), (), (), "before")
        return None

    def throttled(self) -> Reply:
        """The refusal of the rate limiter, which says nothing of when to come back."""
        message = "You have exceeded the number of requests per second"
        return Reply(429, {"code": "TOO_MANY_REQUESTS", "description": message})

    def expire_tokens(self, now: datetime) -> None:
        """All tokens end."""
        self.tokens.end_all(now)


def _place(seen: Seen) -> tuple[datetime, str]:
    return seen.fields["since"], seen.record_id


def _whole(request: Request, name: str, default: int) -> int:
    text = request.one(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise refuse(400, "VALIDATION_ERROR", f"{name} must be a number", name)
    return int(text)


def _size(request: Request, default: int, most: int) -> int:
    size = _whole(request, "page_size", default)
    if not 1 <= size <= most:
        message = f"page_size must be between 1 and {most}"
        raise refuse(400, "VALIDATION_ERROR", message, "page_size")
    return size


def _order(request: Request) -> str:
    """The order asked for; raises Refused where parameters exclude one another."""
    sent = {name for name, _ in request.query}
    places = [name for name in PLACES if name in sent]
    windows = [name for name in WINDOWS if name in sent]
    order = request.one("sort", DESCENDING)
    message, name = "", ""
    if len(places) > 1:
        message, name = "before and after can not be used together", "after"
    elif places and windows:
        message, name = f"{places[0]} can not be used with {windows[0]}", places[0]
    elif places and "sort" in sent:
        message, name = f"sort can not be used with {places[0]}", "sort"
    elif order not in (ASCENDING, DESCENDING):
        message, name = "sort must be submitted_at,asc or submitted_at,desc", "sort"
    if message:
        raise refuse(400, "VALIDATION_ERROR", message, name)
    return order


def _within(found: list[Seen], request: Request) -> list[Seen]:
    """Those of the window; both ends belong to it."""
    for name in WINDOWS:
        if not (text := request.one(name)):
            continue
        bound = instant_of(text)
        if bound is None:
            message = f"{name} must be a time in UTC or in seconds"
            raise refuse(400, "VALIDATION_ERROR", message, name)
        is_least = name == "since"
        found = [s for s in found if s.fields["since"] == bound
                 or (s.fields["since"] > bound) is is_least]  # fmt: skip
    return found


def _behind(found: list[Seen], request: Request) -> list[Seen]:
    """Those before or after the response of a token, without it."""
    for name in PLACES:
        if token := request.one(name):
            places = [_place(seen) for seen in found if seen.record_id == token]
            if not places:
                message = f"{name} is the token of no response"
                raise refuse(400, "VALIDATION_ERROR", message, name)
            is_after = name == "after"
            found = [s for s in found if (_place(s) > places[0]) is is_after
                     and s.record_id != token]  # fmt: skip
    return found
