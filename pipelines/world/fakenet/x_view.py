"""X at one instant: who may be seen, what stands below what, and how a dialect shows it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.facade import stable_hex, utc_text
from pipelines.world.fakenet.store import Fate, Seen, Store
from pipelines.world.fakenet.x_names import BRAND, BRAND_ID, Dialect

EDIT_WINDOW, EDITS = timedelta(hours=1), 5
_MENTION = re.compile(r"@([A-Za-z0-9_]+)")
_TAG = re.compile(r"#(\w+)")
Json = dict[str, Any]


class XView:
    """An index of everything at `now`. `slots`: posts ever made, those gone or hidden included."""

    def __init__(self, store: Store, now: datetime) -> None:
        self.now = now
        self.users = {seen.record_id: seen for seen in store.live("user", now)}
        self.suspended = {s.record_id: s for s in store.ended("user", Fate.DELETED, now)}
        self.by_name = {s.fields["username"].lower(): s for s in self.users.values()}
        live, ended = store.live("post", now), store.ended("post", Fate.DELETED, now)
        self.posts = {seen.record_id: seen for seen in live}
        self.slots = [s for s in (*live, *ended) if not s.fields["is_superseded"]]
        shown = [s for s in self.slots if self.is_seen(s)]
        first_of = {s.record_id: s.fields["first"] for s in self.posts.values()}
        self.replies = _grouped(shown, lambda s: first_of.get(s.fields["reply_to"], ""))
        self.quotes = _grouped(self.slots, lambda s: first_of.get(s.fields["quoted"], ""))
        self.reposts = _grouped(self.slots, lambda s: first_of.get(s.fields["reposted"], ""))
        self.likes = _grouped(store.live("like", now), lambda s: s.fields["post"])
        self.follows = store.live("follow", now)
        self.figures = {s.record_id: s for s in store.live("figures", now)}
        self.count_of: dict[str, int] = defaultdict(int)
        for seen in shown:
            self.count_of[seen.fields["author"]] += 1

    def is_public(self, user_id: str) -> bool:
        """The account is there and not protected."""
        return user_id in self.users and not self.users[user_id].fields["protected"]

    def is_seen(self, post: Seen) -> bool:
        """Neither deleted nor by somebody who cannot be seen."""
        return post.fate is None and self.is_public(post.fields["author"])

    def mentioned(self, post: Seen) -> list[str]:
        """User names in the text, in lower case, each once."""
        return list(dict.fromkeys(name.lower() for name in _MENTION.findall(post.fields["text"])))

    def metrics(self, post: Seen, dialect: Dialect) -> dict[str, int]:
        """Public figures; never fewer than the people whom the lists show."""
        first = post.fields["first"]
        seen = self.figures.get(first)
        figures = seen.fields if seen else _small(first, self.now - post.created_at)
        likes = sum(self.is_public(s.fields["user"]) for s in self.likes.get(first, ()))
        reposts = sum(map(self.is_seen, self.reposts.get(first, ())))
        likes = max(figures["likes"], likes)
        return {
            dialect.reposts: max(figures["shares"], reposts),
            "reply_count": len(self.replies.get(first, ())),
            "like_count": likes,
            "quote_count": sum(map(self.is_seen, self.quotes.get(first, ()))),
            "bookmark_count": likes // 12,
            "impression_count": figures["impressions"],
        }

    def secret(self, post: Seen) -> dict[str, int]:
        """Figures for the author only."""
        seen = self.figures.get(post.fields["first"])
        views = seen.fields["impressions"] if seen else 0
        return {
            "impression_count": views, "url_link_clicks": views // 60,
            "user_profile_clicks": views // 90,
        }  # fmt: skip

    def post(self, seen: Seen, dialect: Dialect, wanted: set[str]) -> Json:
        """A post with id, text and edit history, and with what else is wanted."""
        fields, text = seen.fields, seen.fields["text"]
        body: Json = {"id": seen.record_id, "text": text, dialect.history: list(fields["history"])}
        until = seen.created_at + EDIT_WINDOW
        more: Json = {
            "author_id": fields["author"], "conversation_id": fields["conversation"],
            "created_at": utc_text(seen.created_at), "lang": fields["lang"],
            "in_reply_to_user_id": fields["reply_user"] or None,
            dialect.referenced: references(seen) or None,
            "public_metrics": self.metrics(seen, dialect), "possibly_sensitive": False,
            "reply_settings": "everyone", "display_text_range": [0, len(text)],
            "edit_controls": {
                "edits_remaining": EDITS - len(fields["history"]) + 1,
                "is_edit_eligible": not fields["reply_to"], "editable_until": utc_text(until),
            },
            "entities": self._entities(text) or None,
        }  # fmt: skip
        return body | {k: v for k, v in more.items() if k in wanted and v is not None}

    def _entities(self, text: str) -> Json:
        mentions = [
            {"start": m.start(), "end": m.end(), "username": m[1]} | self._mention_id(m[1])
            for m in _MENTION.finditer(text)
        ]
        tags = [{"start": m.start(), "end": m.end(), "tag": m[1]} for m in _TAG.finditer(text)]
        found = {"mentions": mentions, "hashtags": tags}
        return {name: items for name, items in found.items() if items}

    def _mention_id(self, name: str) -> dict[str, str]:
        user = self.by_name.get(name.lower())
        return {"id": user.record_id} if user else {}

    def user(self, seen: Seen, dialect: Dialect, wanted: set[str]) -> Json:
        """A user with id, name and user name, and with what else is wanted."""
        fields = seen.fields
        is_brand = seen.record_id == BRAND_ID
        followers = len(self.follows) + 1_000 if is_brand else fields["followers"]
        more: Json = {
            "created_at": utc_text(seen.created_at), "protected": fields["protected"],
            "description": BRAND.name if is_brand else "", "verified": is_brand,
            "verified_type": "business" if is_brand else "none",
            "profile_image_url": f"https://pbs.example/{seen.record_id}_normal.jpg",
            "public_metrics": {
                "followers_count": followers, "following_count": fields["following"],
                dialect.posts: self.count_of[seen.record_id], "listed_count": 0, "like_count": 0,
                "media_count": 0,
            },
        }  # fmt: skip
        body = {"id": seen.record_id, "name": fields["name"], "username": fields["username"]}
        return body | {k: v for k, v in more.items() if k in wanted}


def references(post: Seen) -> list[dict[str, str]]:
    """What a post refers to: type and id."""
    kinds = (("replied_to", "reply_to"), ("quoted", "quoted"), ("retweeted", "reposted"))
    return [{"type": k, "id": post.fields[name]} for k, name in kinds if post.fields[name]]


def _small(post_id: str, age: timedelta) -> dict[str, int]:
    """Figures of a person's post: a few dozen views within a day."""
    most = 5 + int(stable_hex("views", post_id)[:2], 16) % 60
    part = min(1.0, age / timedelta(days=1))
    return {"impressions": int(most * part), "likes": 0, "shares": 0}


def _grouped(objects: Iterable[Seen], key: Callable[[Seen], str]) -> dict[str, list[Seen]]:
    groups: dict[str, list[Seen]] = defaultdict(list)
    for seen in objects:
        if name := key(seen):
            groups[name].append(seen)
    return groups
