"""X's lists: timelines, mentions, search, quotes, and people who liked, reposted or follow."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from pipelines.world.fakenet import x_errors as errors
from pipelines.world.fakenet.facade import Request, utc_text
from pipelines.world.fakenet.store import Seen
from pipelines.world.fakenet.x_ask import moment, span, whole
from pipelines.world.fakenet.x_body import Body, by_id, by_time, paged
from pipelines.world.fakenet.x_names import BRAND_ID
from pipelines.world.fakenet.x_query import parse_query
from pipelines.world.fakenet.x_view import Json, XView

TIMELINE_KEPT, MENTIONS_KEPT = 3_200, 800
SEARCHED = timedelta(days=7)
SLACK = timedelta(minutes=1)  # clocks differ: a week ago is not refused for a second
SPAN = ("max_results", "pagination_token", "start_time", "end_time", "since_id", "until_id")
PAGE = ("max_results", "pagination_token")


@dataclass(frozen=True)
class List:
    """Parameters beside those of the shape, bounds of the page size, name of the token."""

    parameters: tuple[str, ...]
    least: int
    default: int
    most: int
    token: str = "pagination_token"  # noqa: S105  a name


LISTS = {
    "tweets": List((*SPAN, "exclude"), 5, 10, 100),
    "mentions": List(SPAN, 5, 10, 100),
    "search": List((*SPAN, "query", "sort_order", "next_token"), 10, 10, 100, "next_token"),
    "quote_tweets": List((*PAGE, "exclude"), 10, 10, 100),
    "followers": List(PAGE, 1, 100, 1_000),
    "liking_users": List(PAGE, 1, 100, 100),
    "retweeted_by": List(PAGE, 1, 100, 100),
}


class Lists:
    """Answers one request for a list."""

    def __init__(self, view: XView, body: Body, request: Request) -> None:
        self.view, self.body, self.request = view, body, request

    def tweets(self, user_id: str) -> Json:
        """What a user posted."""
        if problem := self._lost_user(user_id):
            return problem
        excluded = self.request.many("exclude")
        slots = [
            s for s in self.view.slots
            if s.fields["author"] == user_id
            and not ("replies" in excluded and s.fields["reply_to"])
            and not ("retweets" in excluded and s.fields["reposted"])
        ]  # fmt: skip
        return self._posts("tweets", slots, TIMELINE_KEPT)

    def mentions(self, user_id: str) -> Json:
        """Posts that name a user, replies to it among them."""
        if problem := self._lost_user(user_id):
            return problem
        name = self.view.users[user_id].fields["username"].lower()
        slots = [
            s for s in self.view.slots
            if name in self.view.mentioned(s) and not s.fields["reposted"]
            and s.fields["author"] != user_id
        ]  # fmt: skip
        return self._posts("mentions", slots, MENTIONS_KEPT)

    def search(self, _subject: str) -> Json:
        """Posts of the last seven days; reposts are not found."""
        earliest = self.request.now - SEARCHED
        start = moment(self.request, "start_time")
        if start is not None and start < earliest - SLACK:
            text = self.request.one("start_time")
            message = f"Invalid 'start_time':'{text}'. 'start_time' must be on or after "
            raise errors.invalid(message + utc_text(earliest), {"start_time": [text]})
        matches = parse_query(self.request.one("query"), self.view)
        slots = [
            s for s in self.view.slots
            if s.created_at >= earliest and not s.fields["reposted"] and matches(s)
        ]  # fmt: skip
        return self._posts("search", slots, len(slots))

    def quote_tweets(self, post_id: str) -> Json:
        """Posts that quote a post."""
        if problem := self._lost_post(post_id):
            return problem
        return self._posts("quote_tweets", self._acts(self.view.quotes, post_id), MENTIONS_KEPT)

    def liking_users(self, post_id: str) -> Json:
        """Who liked a post; likes of the protected are not shown."""
        if problem := self._lost_post(post_id):
            return problem
        acts = self._acts(self.view.likes, post_id)
        return self._people("liking_users", acts, "user", self.view.is_public)

    def retweeted_by(self, post_id: str) -> Json:
        """Who reposted a post."""
        if problem := self._lost_post(post_id):
            return problem
        acts = self._acts(self.view.reposts, post_id)
        return self._people("retweeted_by", acts, "author", self.view.is_public)

    def followers(self, user_id: str) -> Json:
        """Who follows the brand, newest first, the protected too; others have no followers here."""
        if problem := self._lost_user(user_id):
            return problem
        acts = self.view.follows if user_id == BRAND_ID else []
        return self._people("followers", acts, "user", lambda i: i in self.view.users)

    def _acts(self, groups: dict[str, list[Seen]], post_id: str) -> list[Seen]:
        """What was done to a post under any of its ids."""
        return groups.get(self.view.posts[post_id].fields["first"], [])

    def _posts(self, endpoint: str, slots: Sequence[Seen], kept: int) -> Json:
        bounds = LISTS[endpoint]
        request = self.request
        start, end = moment(request, "start_time"), moment(request, "end_time")
        since, until = (
            whole(name, request.one(name)) if request.one(name) else None
            for name in ("since_id", "until_id")
        )
        newest = sorted(by_id(slots), key=lambda slot: -slot[0])[:kept]
        placed = [
            (place, seen) for place, seen in newest
            if _is_within(seen.created_at, start, end)
            and (since is None or place > since) and (until is None or place < until)
        ]  # fmt: skip
        wanted = span(request, bounds.least, bounds.default, bounds.most)
        found, meta = paged(placed, wanted, self.view.is_seen)
        if found:
            meta |= {"newest_id": found[0].record_id, "oldest_id": found[-1].record_id}
        shown = self.body.posts(found)
        return self.body.finished(({"data": shown} if shown else {}) | {"meta": meta}, found)

    def _people(
        self, endpoint: str, acts: Sequence[Seen], field: str, is_shown: Callable[[str], bool]
    ) -> Json:
        bounds = LISTS[endpoint]
        wanted = span(self.request, bounds.least, bounds.default, bounds.most)
        found, meta = paged(by_time(acts), wanted, lambda act: is_shown(act.fields[field]))
        people = self.body.users([self.view.users[act.fields[field]] for act in found])
        return self.body.finished(({"data": people} if people else {}) | {"meta": meta})

    def _lost_user(self, user_id: str) -> Json:
        """The answer, status 200, when the user cannot be read; empty when it can."""
        whole("id", user_id)
        dialect = self.body.asked.dialect
        if user_id in self.view.suspended:
            return {"errors": [errors.suspended(dialect, "id", user_id)]}
        if user_id not in self.view.users:
            return {"errors": [errors.missing(dialect, "user", "id", user_id)]}
        if not self.view.is_public(user_id):
            return {"errors": [errors.hidden(dialect, "user", "id", user_id)]}
        return {}

    def _lost_post(self, post_id: str) -> Json:
        """The answer, status 200, when the post cannot be read; empty when it can."""
        whole("id", post_id)
        dialect, seen = self.body.asked.dialect, self.view.posts.get(post_id)
        if seen is None or seen.fields["author"] not in self.view.users:
            return {"errors": [errors.missing(dialect, dialect.kind, "id", post_id)]}
        if not self.view.is_seen(seen):
            return {"errors": [errors.hidden(dialect, dialect.kind, "id", post_id)]}
        return {}


def _is_within(at: datetime, start: datetime | None, end: datetime | None) -> bool:
    return (start is None or at >= start) and (end is None or at < end)
