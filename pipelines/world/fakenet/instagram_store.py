"""The Instagram account of a world: media, stories, comments, tags, figures over time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from pipelines.world.fakenet.facade import stable_hex
from pipelines.world.fakenet.figures import Figures, figure_record
from pipelines.world.fakenet.graph_tokens import USER_ID
from pipelines.world.fakenet.meta_days import day_records, pacific_days, refreshes
from pipelines.world.fakenet.pacific import day_end, day_start
from pipelines.world.fakenet.store import Fate, Record, Store, Version
from pipelines.world.networks import EDIT_MARK, NetworkLife, Published, Said, network_life
from pipelines.world.posts import ACCOUNT_OF
from pipelines.world.records import Message, Post, Profile
from pipelines.world.world import World

NETWORK = "instagram"
ACCOUNT = ACCOUNT_OF[NETWORK]
ACCOUNT_ID, PAGE_ID = ACCOUNT.account_id, ACCOUNT_OF["facebook"].account_id
ACCOUNT_IG_ID = 51_000_000_001  # a number: that of media is text
MEDIA_BASE, CHILD_BASE = 17_890_000_000_000_000, 17_950_000_000_000_000
MEDIA_IG_BASE = 3_000_000_000_000_000_000
STORY_LIFE = timedelta(hours=24)
STORY_REFRESHES = tuple(timedelta(hours=h) for h in (0, 1, 3, 6, 9, 12, 18, 23))
LAGS = (timedelta(hours=24), timedelta(hours=48))  # of a day's figures
ALBUM_EVERY = 3  # posts
Values = dict[str, Any]


def instagram_media_id(post: Post) -> str:
    """The id of a post, reel or story."""
    return str(MEDIA_BASE + int(post.post_id[-12:]))


def is_album(post: Post) -> bool:
    """The post is a carousel of two pictures."""
    return post.kind == "post" and int(post.post_id) % ALBUM_EVERY == 0


def instagram_store(world: World) -> Store:
    """Everything the account's owner may see."""
    return _Builder(world).run()


class _Builder:
    def __init__(self, world: World) -> None:
        self.world, self.store = world, Store()
        self.life: NetworkLife = network_life(world, NETWORK)
        self.end = world.parameters.as_of
        self.posts = {published.post.post_id: published.post for published in self.life.posts}

    def run(self) -> Store:
        begin = self.world.parameters.starts_at
        self.store.create("user", USER_ID, {"name": "Owner"}, begin)
        self.store.create("page", PAGE_ID, {"name": ACCOUNT.name}, begin)
        self.store.put(self._account())
        for published in self.life.posts:
            for record in self._media(published):
                self.store.put(record)
        for said in self.life.messages:
            on = self.posts.get(said.message.post_id)
            # What people answer to a story is a private message, not a comment.
            if said.message.kind != "dm" and on is not None and on.kind != "story":
                self.store.put(self._comment(said, on))
        for record in day_records(self.world, "account_day", self.life, _lag, self._day):
            self.store.put(record)
        return self.store

    def _account(self) -> Record:
        begin = self.world.parameters.starts_at - timedelta(days=900)
        followers = [(begin, self.life.followers(begin, 0))]
        followers += [
            (day_end(day), self.life.followers(day_end(day), number + 1))
            for number, day in enumerate(pacific_days(self.world))
        ]
        versions = tuple(Version(at, {"followers": count}) for at, count in followers)
        return Record("account", ACCOUNT_ID, versions)

    def _media(self, published: Published) -> Iterator[Record]:
        post = published.post
        fields: Values = {
            "caption": post.text, "kind": post.kind, "is_album": is_album(post),
            "ig_id": str(MEDIA_IG_BASE + int(post.post_id[-12:])),
            "owner": _person(post.author), "album": "",
        }  # fmt: skip
        versions = [Version(post.published_at, fields)]
        if published.edited_at and post.kind != "story":
            edited = fields | {"caption": post.text + EDIT_MARK}
            versions.append(Version(published.edited_at, edited))
        fate = Fate.DELETED if published.deleted_at else None
        media_id = instagram_media_id(post)
        yield Record("media", media_id, tuple(versions), fate, published.deleted_at)
        for number in (1, 2) if is_album(post) else ():
            child_id = str(CHILD_BASE + 10 * int(post.post_id[-12:]) + number)
            child = fields | {"album": media_id, "is_album": False, "caption": ""}
            child["ig_id"] = str(int(fields["ig_id"]) + 10**6 * number)
            version = Version(post.published_at, child)
            yield Record("child", child_id, (version,), fate, published.deleted_at)
        if published.appeal:
            moments = refreshes(published, self.end)
            if post.kind == "story":
                moments = [post.published_at + age for age in STORY_REFRESHES]
            record = figure_record(
                "figures", media_id, published, moments,
                lambda at: {"comments": self._talked(post.post_id, at)},
            )  # fmt: skip
            yield from [record] if record else []

    def _talked(self, post_id: str, at: datetime) -> int:
        """Comments on a post at an instant."""
        return sum(
            said.message.post_id == post_id and said.message.sent_at <= at
            and (said.deleted_at is None or said.deleted_at > at)
            for said in self.life.messages
        )  # fmt: skip

    def _comment(self, said: Said, on: Post) -> Record:
        message = said.message
        is_answer = message.kind == "reply"
        fields: Values = {
            "media": instagram_media_id(on), "text": message.text, "from": _person(message.author),
            "parent": message.thread_id if is_answer else "", "is_hidden": False,
        }  # fmt: skip
        versions = [Version(message.sent_at, fields)]
        if said.hidden_at:
            versions.append(Version(said.hidden_at, fields | {"is_hidden": True}))
        fate = Fate.DELETED if said.deleted_at else None
        return Record("comment", message.message_id, tuple(versions), fate, said.deleted_at)

    def _day(self, day: date, index: int) -> Figures:
        """What a day counts beside the figures of posts."""
        start, end = day_start(day), day_end(day)
        talked = {
            _writer(s.message) for s in self.life.messages if start <= s.message.sent_at < end
        }
        replies = sum(
            start <= s.message.sent_at < end and self._is_on_story(s) for s in self.life.messages
        )
        seen = int(stable_hex("profile views", index)[:2], 16) % 40
        return {
            "replies": replies, "profile_views": seen + 2 * len(talked), "taps": seen // 8,
            "engaged_named": len(talked - {""}),
        }  # fmt: skip

    def _is_on_story(self, said: Said) -> bool:
        on = self.posts.get(said.message.post_id)
        return on is not None and on.kind == "story"


def _lag(day: date) -> timedelta:
    """Half of the days come a day late, the others two."""
    return LAGS[day.toordinal() % len(LAGS)]


def _writer(message: Message) -> str:
    return message.author.profile_id if message.author else ""


def _person(profile: Profile | None) -> dict[str, str]:
    """Id and user name of a person; of the account for None."""
    if profile is None:
        return {"id": ACCOUNT_ID, "username": ACCOUNT.handle}
    return {"id": profile.profile_id, "username": profile.handle}
