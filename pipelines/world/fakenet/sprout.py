"""Sprout Social: profiles, posts and their figures, messages, cases and topics of all networks.

Reads are POST with a body. Lists end at 10,000 rows without a word.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.facade import PageShape, Refused, Reply, Request, Tokens, stable_hex
from pipelines.world.fakenet.sprout_days import Days
from pipelines.world.fakenet.sprout_gate import (
    CUSTOMER_ID,
    TOKEN,
    TOKEN_PATH,
    Body,
    Gate,
    cursor_of,
    place_of,
    refuse,
    too_many,
)
from pipelines.world.fakenet.sprout_store import (
    CASE,
    FIGURES,
    MESSAGE,
    POST,
    PROFILE,
    TAG,
    TOPIC,
    USER,
)
from pipelines.world.fakenet.store import Store

MOST_RESULTS = 10_000  # rows of one query: what is behind them is cut off
POSTS_LIMIT, MESSAGES_LIMIT, DAYS_LIMIT = 50, 100, 1_000
LONGEST_CASES, LONGEST_DAYS = timedelta(days=7), timedelta(days=366)
API_VERSION = "1.1"
BODY = ("filters", "fields", "metrics", "dimensions", "sort", "page", "limit", "timezone")
CURSOR_BODY = ("filters", "fields", "sort", "page_cursor", "limit", "timezone")
REFERENCES = {"tags": TAG, "users": USER, "topics": TOPIC}
# Lifetime figures by network type: Sprout's name → the world's.
POST_METRICS = {
    "twitter": {"lifetime.impressions": "impressions", "lifetime.likes": "likes",
                "lifetime.comments_count": "comments", "lifetime.shares_count": "shares"},
    "fb_instagram_account": {
        "lifetime.impressions": "impressions", "lifetime.impressions_unique": "reach",
        "lifetime.likes": "likes", "lifetime.comments_count": "comments", "lifetime.saves": "saves",
    },
    "facebook": {"lifetime.impressions": "impressions", "lifetime.impressions_unique": "reach",
                 "lifetime.likes": "likes", "lifetime.comments_count": "comments",
                 "lifetime.shares_count": "shares"},
}  # fmt: skip
Json = dict[str, Any]


class Sprout:
    """The façade. `retired`: metrics that are no longer supported."""

    name = "sprout"

    def __init__(self, store: Store, days: Days, now: datetime) -> None:
        self.store, self.days = store, days
        self.tokens = Tokens()
        profiles = [seen.record_id for seen in store.live(PROFILE, now)]
        self.tokens.add(TOKEN, profiles)
        self.gate = Gate(self.tokens, profiles)
        self.retired: set[str] = set()

    def answer(self, request: Request) -> Reply:
        """The reply to a request."""
        if request.path == TOKEN_PATH:
            return self.gate.token(request)
        try:
            self.gate.check(request)
            reply = Reply(200, self._read(request))
        except Refused as refusal:
            reply = refusal.reply
        request_id = stable_hex("sprout", request.target, request.arrived_at)[:32]
        return reply.with_headers(
            (("X-Sprout-Request-ID", request_id), ("X-Sprout-API-Version", API_VERSION))
        )

    def _read(self, request: Request) -> Json:
        parts = [part for part in request.path.split("/") if part]
        if parts == ["v1", "metadata", "client"] and request.method == "GET":
            return {"data": [{"customer_id": CUSTOMER_ID, "name": "Bean & Bond"}]}
        if len(parts) < 3 or parts[0] != "v1":
            raise refuse(404, "Not Found")
        if parts[1] != str(CUSTOMER_ID):
            raise refuse(403, "Access to this customer is not allowed")
        if request.method == "GET":
            return {"data": self._all(self._kind(parts[2:]), request)}
        questions = {
            ("analytics", "profiles"): self._days, ("analytics", "posts"): self._posts,
            ("messages",): self._messages, ("cases", "filter"): self._cases,
        }  # fmt: skip
        ask = questions.get(tuple(parts[2:]))
        return ask(request) if ask else self._topic(parts[2:], request)

    def _kind(self, parts: list[str]) -> str:
        """The kind of object behind a path of metadata."""
        if parts == ["metadata", "customer"]:
            return PROFILE
        if parts[:2] != ["metadata", "customer"] or parts[2] not in REFERENCES or len(parts) > 3:
            raise refuse(404, "Not Found")
        return REFERENCES[parts[2]]

    def _all(self, kind: str, request: Request) -> list[Json]:
        return [_public(seen.fields) for seen in self.store.live(kind, request.now)]

    def _profiles(self, body: Body, request: Request) -> dict[str, str]:
        """Network type by id, of the profiles that are asked for."""
        ids = body.ids("customer_profile_id")
        self.gate.permit(request, ids)
        found = {p["customer_profile_id"]: p["network_type"] for p in self._all(PROFILE, request)}
        return {str(i): kind for i, kind in found.items() if str(i) in ids}

    def _metrics(self, body: Body, known: set[str]) -> list[str]:
        asked = body.texts("metrics")
        for name in asked:
            if name not in known or name in self.retired:
                raise refuse(400, f"Unsupported metric: {name}")
        return asked

    def _days(self, request: Request) -> Json:
        body = Body(request, BODY)
        profiles = self._profiles(body, request)
        span = body.span("reporting_period", LONGEST_DAYS)
        metrics = self._metrics(body, set(self.days.names))
        if not metrics:
            raise refuse(400, "At least one metric is required")
        rows = [
            {
                "dimensions": {
                    "reporting_period.by(day)": day.isoformat(), "customer_profile_id": int(one),
                },
                "metrics": {name: values[name] for name in metrics if name in values},
            }
            for one, kind in profiles.items()
            for day, values in self.days.of(kind, span.start, span.end, request.now)
        ]  # fmt: skip
        return _numbered(rows, body, DAYS_LIMIT)

    def _posts(self, request: Request) -> Json:
        body = Body(request, BODY)
        profiles, span = self._profiles(body, request), body.span("created_time")
        names = {name for kind in profiles.values() for name in POST_METRICS[kind]}
        metrics, fields = self._metrics(body, names), _tops(body)
        after = body.filters.get("guid", ("", ""))[1]
        rows = []
        for seen in self.store.live(POST, request.now):
            own, post = seen.fields, _public(seen.fields)
            kind = profiles.get(str(own["customer_profile_id"]))
            if kind is None or not span.holds(own["_at"]) or post["guid"] <= after:
                continue
            figures = self.store.find(FIGURES, seen.record_id, request.now)
            known = figures.fields if figures else {}
            values = {name: known.get(POST_METRICS[kind].get(name, "")) for name in metrics}
            row = {name: post[name] for name in post if name in fields}
            rows.append(row | ({"metrics": values} if metrics else {}))
        rows.sort(key=lambda row: row["guid"])
        return _numbered(rows, body, POSTS_LIMIT)

    def _messages(self, request: Request) -> Json:
        body = Body(request, CURSOR_BODY)
        profiles, span = self._profiles(body, request), body.span("created_time")
        fields = _tops(body)
        found = [
            seen.fields for seen in self.store.live(MESSAGE, request.now)
            if str(seen.fields["customer_profile_id"]) in profiles
            and span.holds(seen.fields["_at"])
        ]  # fmt: skip
        found.sort(key=lambda one: (one["_at"], one["guid"]))
        rows = [{k: v for k, v in _public(one).items() if k in fields} for one in found]
        return _following(rows, body)

    def _cases(self, request: Request) -> Json:
        body = Body(request, CURSOR_BODY)
        span = body.span("updated_time", LONGEST_CASES)
        found = [
            s.fields for s in self.store.live(CASE, request.now) if span.holds(s.fields["_at"])
        ]
        found.sort(key=lambda one: (one["_at"], one["case_id"]))
        return _following([_public(one) for one in found], body)

    def _topic(self, parts: list[str], request: Request) -> Json:
        is_topic = len(parts) == 4 and (parts[:2], parts[3]) == (["listening", "topics"], "metrics")
        if not is_topic or self.store.find(TOPIC, parts[2], request.now) is None:
            raise refuse(404, "Not Found")
        body = Body(request, BODY)
        span, metrics = body.span("created_time"), self._metrics(body, {"messages_count"})
        counts: dict[str, int] = {}
        for seen in self.store.live(MESSAGE, request.now):
            at = seen.fields["_at"]
            # What is said on X may not be listened to.
            if span.holds(at) and not seen.fields["sent"] and seen.fields["network"] != "TWITTER":
                counts[f"{at:%Y-%m-%d}"] = counts.get(f"{at:%Y-%m-%d}", 0) + 1
        rows = [
            {"dimensions": {"created_time.by(day)": day}, "metrics": dict.fromkeys(metrics, count)}
            for day, count in sorted(counts.items())
        ]
        return {"data": rows}

    def expected(self, now: datetime) -> dict[str, Any]:
        """Objects by kind; messages without the brand's own posts."""
        kinds = (PROFILE, POST, MESSAGE, CASE, USER, TAG, TOPIC)
        return {f"{kind}s": len(self.store.live(kind, now)) for kind in kinds}

    def shape(self, request: Request) -> PageShape | None:
        """Analytics count pages; messages and cases name the next one."""
        if request.path.endswith(("/messages", "/cases/filter")):
            return PageShape(("data",), ("paging", "next_cursor"), (), "page_cursor", True)
        if "/analytics/" in request.path:
            return PageShape(("data",), (), (), "page", True)
        return None

    def throttled(self) -> Reply:
        """Too many requests."""
        return too_many()

    def expire_tokens(self, now: datetime) -> None:
        """All tokens end."""
        self.tokens.end_all(now)


def _tops(body: Body) -> set[str]:
    """What stands at the top of an object with the fields that are asked for; always its id."""
    return {"guid", *(name.partition(".")[0] for name in body.texts("fields"))}


def _public(fields: Any) -> Json:
    return {name: value for name, value in fields.items() if not name.startswith("_")}


def _numbered(rows: list[Json], body: Body, most: int) -> Json:
    """A page by its number; a number behind the last one is refused."""
    limit, rows = body.whole("limit", most, most), rows[:MOST_RESULTS]
    total = max(1, -(-len(rows) // limit))
    page = body.whole("page", 1, 10**6)
    if page > total:
        raise refuse(400, f"Page {page} is behind the last page {total}")
    data = rows[limit * (page - 1) : limit * page]
    return {"data": data, "paging": {"current_page": page, "total_pages": total}}


def _following(rows: list[Json], body: Body) -> Json:
    """A page by its name; the last one names none."""
    limit, rows = body.whole("limit", 50, MESSAGES_LIMIT), rows[:MOST_RESULTS]
    start = place_of(body.values.get("page_cursor"))
    end = start + limit
    paging = {"next_cursor": cursor_of(end)} if end < len(rows) else {}
    return {"data": rows[start:end], "paging": paging}
