"""LinkedIn's page over time: posts, comments, reactions, follows, and what was counted per day.

Counts of a day appear when it is over, too low, and are right two days later.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from pipelines.world.fakenet.facade import EPOCH, stable_hex
from pipelines.world.fakenet.store import Fate, Record, Store, Version
from pipelines.world.linkedin import (
    LinkedInComment,
    LinkedInPost,
    LinkedInWorld,
)

POST, COMMENT, REACTION, FOLLOW = "post", "comment", "reaction", "follow"
REACH, VISITS = "reach", "visits"
ORGANIZATION_ID = 7_410_029
ORGANIZATION = f"urn:li:organization:{ORGANIZATION_ID}"
SETTLING = ((0, 60), (1, 90), (2, 100))  # days after the day's end, percent known by then
_RESERVED = re.compile(r"([\\|{}@\[\]()<>*_~])")
_HASHTAG = re.compile(r"#(\w+)")


def milliseconds(instant: datetime) -> int:
    """Since the epoch."""
    return (instant - EPOCH) // timedelta(milliseconds=1)


def midnight(day: date) -> datetime:
    """Its first instant, UTC."""
    return datetime.combine(day, time(), UTC)


def person_urn(seed: int, person_id: str) -> str:
    """The URN of a member."""
    return f"urn:li:person:{stable_hex('linkedin', seed, person_id)[:10]}"


def member_urns(life: LinkedInWorld, seed: int) -> dict[str, str]:
    """URN by person id."""
    return {m.person_id: person_urn(seed, m.person_id) for m in life.members}


def post_urn(post: LinkedInPost) -> str:
    """The URN of a post; those with a video are of another kind."""
    kind = "ugcPost" if post.is_video else "share"
    return f"urn:li:{kind}:{_number(post.posted_at, post.number)}"


def activity_urn(post: LinkedInPost) -> str:
    """What comments and reactions name instead of the post."""
    return f"urn:li:activity:{_number(post.posted_at, post.number) + 1}"


def little_text(text: str) -> str:
    """The text in LinkedIn's own notation: its signs escaped, hashtags as templates."""
    return _HASHTAG.sub(r"{hashtag|\\#|\1}", _RESERVED.sub(r"\\\1", text))


def linkedin_store(life: LinkedInWorld, seed: int) -> Store:
    """All records; ids are URNs, those of counts hold the post and the day."""
    return _Builder(life, seed).run()


def _number(instant: datetime, number: int) -> int:
    return milliseconds(instant) << 22 | number << 4


class _Builder:
    def __init__(self, life: LinkedInWorld, seed: int) -> None:
        self.life, self.seed, self.store = life, seed, Store()
        self.posts = {post.number: post for post in life.posts}
        self.comments = {comment.number: comment for comment in life.comments}

    def run(self) -> Store:
        for post in self.life.posts:
            self._put(POST, post_urn(post), self._versions(post), post.deleted_at)
        for comment in self.life.comments:
            self._comment(comment)
        for reaction in self.life.reactions:
            actor = person_urn(self.seed, reaction.author)
            urn = f"urn:li:reaction:({actor},{activity_urn(self.posts[reaction.post])})"
            fields = {"post": post_urn(self.posts[reaction.post]), "actor": actor,
                      "kind": reaction.kind}  # fmt: skip
            self._put(REACTION, urn, [(reaction.at, fields)], reaction.undone_at)
        for member in self.life.members:
            if member.followed_at:
                fields = {"country": member.country, "industry": member.industry,
                          "staff": member.staff_range, "seniority": member.seniority,
                          "function": member.function}  # fmt: skip
                urn = person_urn(self.seed, member.person_id)
                self._put(FOLLOW, urn, [(member.followed_at, fields)], member.unfollowed_at)
        for reach in self.life.reach:
            urn = post_urn(self.posts[reach.post])
            counts = {"impressions": reach.impressions, "unique": reach.unique,
                      "clicks": reach.clicks, "shares": reach.shares}  # fmt: skip
            self._counted(REACH, reach.day, counts, urn)
        for visit in self.life.visits:
            counts = {"desktop": visit.desktop, "mobile": visit.mobile, "unique": visit.unique,
                      "button_clicks": visit.button_clicks}  # fmt: skip
            self._counted(VISITS, visit.day, counts, ORGANIZATION)
        return self.store

    def _put(
        self, kind: str, urn: str, versions: list[tuple[datetime, dict[str, Any]]],
        ended_at: datetime | None = None,
    ) -> None:  # fmt: skip
        made = tuple(Version(at, fields) for at, fields in versions)
        fate = Fate.DELETED if ended_at else None
        self.store.put(Record(kind, urn, made, fate, ended_at))

    def _counted(self, kind: str, day: date, counts: dict[str, int], urn: str) -> None:
        ends = midnight(day + timedelta(days=1))
        versions = [
            (ends + timedelta(days=after),
             {"day": day, "urn": urn} | {k: v * share // 100 for k, v in counts.items()})
            for after, share in SETTLING
        ]  # fmt: skip
        self._put(kind, f"{urn}|{day}", versions)

    def _versions(self, post: LinkedInPost) -> list[tuple[datetime, dict[str, Any]]]:
        media = f"urn:li:video:{stable_hex('video', self.seed, post.number)[:12]}"
        fields: dict[str, Any] = {
            "activity": activity_urn(post), "text": little_text(post.text), "is_edited": False,
            "media": media if post.is_video else "",
        }  # fmt: skip
        versions = [(post.posted_at, fields)]
        if post.edited_at:
            text = little_text(f"{post.text} (edit)")
            versions.append((post.edited_at, fields | {"text": text, "is_edited": True}))
        return versions

    def _comment(self, comment: LinkedInComment) -> None:
        post = self.posts[comment.post]
        parent = self.comments.get(comment.parent)
        fields = {
            "post": post_urn(post), "activity": activity_urn(post), "text": comment.text,
            "actor": person_urn(self.seed, comment.author) if comment.author else ORGANIZATION,
            "number": str(_number(comment.at, comment.number)),
            "parent": self._comment_urn(parent) if parent else "",
        }  # fmt: skip
        self._put(COMMENT, self._comment_urn(comment), [(comment.at, fields)], comment.deleted_at)

    def _comment_urn(self, comment: LinkedInComment) -> str:
        activity = activity_urn(self.posts[comment.post])
        return f"urn:li:comment:({activity},{_number(comment.at, comment.number)})"
