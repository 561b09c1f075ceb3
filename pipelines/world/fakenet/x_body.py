"""Answers of X: data, what it leads to, problems beside it, and the place in the list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pipelines.world.fakenet import x_errors as errors
from pipelines.world.fakenet.facade import EPOCH
from pipelines.world.fakenet.store import Seen
from pipelines.world.fakenet.x_ask import Asked, Span, page_token
from pipelines.world.fakenet.x_names import BRAND_ID
from pipelines.world.fakenet.x_view import Json, XView, references

SECRET = ("non_public_metrics", "organic_metrics", "promoted_metrics")
SECRET_FOR = timedelta(days=30)


@dataclass
class Body:
    """Builds one answer. `is_brand`: the brand itself asks."""

    view: XView
    asked: Asked
    is_brand: bool

    def __post_init__(self) -> None:
        self.problems: list[Json] = []
        self.paid: list[str] = []

    def posts(self, found: Sequence[Seen]) -> list[Json]:
        """Posts in the dialect, with the figures for the author where they may be shown."""
        shown = []
        for seen in found:
            body = self.view.post(seen, self.asked.dialect, set(self.asked.fields))
            is_own = self.is_brand and seen.fields["author"] == BRAND_ID
            is_young = self.view.now - seen.created_at <= SECRET_FOR
            for name in (n for n in SECRET if n in self.asked.fields):
                if is_own and is_young and name != "promoted_metrics":
                    body[name] = self._secret(seen, name)
                else:
                    self.problems.append(
                        errors.secret_field(self.asked.dialect, name, seen.record_id)
                    )
            shown.append(body)
        self.paid += [seen.record_id for seen in found]
        return shown

    def _secret(self, seen: Seen, name: str) -> dict[str, int]:
        secret = self.view.secret(seen)
        if name == "non_public_metrics":
            return secret
        public = self.view.metrics(seen, self.asked.dialect)
        names = ("like_count", "reply_count", self.asked.dialect.reposts)
        return secret | {n: public[n] for n in names}

    def users(self, found: Sequence[Seen]) -> list[Json]:
        """Users in the dialect."""
        wanted = set(self.asked.user_fields)
        return [self.view.user(seen, self.asked.dialect, wanted) for seen in found]

    def finished(self, body: Json, of: Sequence[Seen] = ()) -> Json:
        """The answer with what the posts lead to, and problems; empty parts are left out."""
        includes = self._includes(of)
        body |= {"includes": includes} if includes else {}
        return body | ({"errors": self.problems} if self.problems else {})

    def _includes(self, of: Sequence[Seen]) -> Json:
        """Users and posts that the expansions ask for, each once; those gone are problems."""
        wanted, dialect = self.asked.expansions, self.asked.dialect
        user_ids: list[str] = []
        referenced: list[Seen] = []
        for seen in of:
            if "author_id" in wanted:
                user_ids.append(seen.fields["author"])
            if "in_reply_to_user_id" in wanted and seen.fields["reply_user"]:
                user_ids.append(seen.fields["reply_user"])
            if "entities.mentions.username" in wanted:
                names = self.view.mentioned(seen)
                user_ids += [
                    self.view.by_name[n].record_id for n in names if n in self.view.by_name
                ]
            for reference in references(seen) if self._wants_posts() else ():
                post = self.view.posts.get(reference["id"])
                if post is not None and self.view.is_seen(post):
                    referenced.append(post)
                else:
                    self._lost(post, reference["id"])
        if f"{dialect.expansion}.author_id" in wanted:
            user_ids += [post.fields["author"] for post in referenced]
        users = [self.view.users[i] for i in dict.fromkeys(user_ids) if i in self.view.users]
        posts = list({post.record_id: post for post in referenced}.values())
        found: dict[str, Any] = {"users": self.users(users)} if users else {}
        return found | ({dialect.includes: self.posts(posts)} if posts else {})

    def _wants_posts(self) -> bool:
        expansion = self.asked.dialect.expansion
        return bool(self.asked.expansions & {expansion, f"{expansion}.author_id"})

    def _lost(self, post: Seen | None, post_id: str) -> None:
        """A referenced post that cannot be shown: one problem each."""
        dialect = self.asked.dialect
        make = errors.hidden if post is not None else errors.missing
        problem = make(dialect, dialect.kind, dialect.expansion, post_id, "includes")
        if problem not in self.problems:
            self.problems.append(problem)


def paged(
    slots: Sequence[tuple[int, Seen]], span: Span, is_seen: Callable[[Seen], bool]
) -> tuple[list[Seen], Json]:
    """The visible part of a page and its `meta`; newest first.

    What may not be seen takes its place in the page all the same, so that pages are short, or
    empty with a token.
    """
    ordered = sorted(slots, key=lambda slot: -slot[0])
    if span.after is not None:
        ordered = [slot for slot in ordered if slot[0] < span.after]
    elif span.before is not None:
        ordered = [slot for slot in ordered if slot[0] > span.before][-span.size :]
    page = ordered[: span.size]
    found = [seen for _, seen in page if is_seen(seen)]
    meta: Json = {"result_count": len(found)}
    if len(ordered) > span.size or (span.before is not None and page):
        meta["next_token"] = page_token("a", page[-1][0])
    if span.after is not None and page:
        meta["previous_token"] = page_token("b", page[0][0])
    return found, meta


def by_id(posts: Sequence[Seen]) -> list[tuple[int, Seen]]:
    """Posts at their places: ids grow with time."""
    return [(int(seen.record_id), seen) for seen in posts]


def by_time(acts: Sequence[Seen]) -> list[tuple[int, Seen]]:
    """Likes, reposts and follows at their places: by time, told apart by their order."""
    ordered = sorted(acts, key=lambda seen: (seen.created_at, seen.record_id))
    return [
        ((seen.created_at - EPOCH) // timedelta(milliseconds=1) * 10_000 + number, seen)
        for number, seen in enumerate(ordered)
    ]
