"""The page of a world as Facebook keeps it: posts, comments, reviews, talks, figures over time."""

from __future__ import annotations

from collections import defaultdict
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

NETWORK = "facebook"
PAGE = ACCOUNT_OF[NETWORK]
PAGE_ID, INSTAGRAM_ID = PAGE.account_id, ACCOUNT_OF["instagram"].account_id
POST_BASE, STORY_BASE, VIDEO_BASE = 122_000_000_000_000, 123_000_000_000_000, 1_240_000_000_000_000
COMMENT_BASE = 700_000_000_000_000
LAG = timedelta(hours=24)  # of a day's figures
Values = dict[str, Any]


def facebook_post_id(post: Post) -> str:
    """`{page}_{post}`; of a post by a person on its own timeline `{person}_{post}`."""
    owner = post.author.profile_id if post.author and is_tag(post) else PAGE_ID
    return f"{owner}_{_post_number(post)}"


def facebook_video_id(post: Post) -> str:
    """The id of a video post's video, which has insights of its own."""
    return str(VIDEO_BASE + int(post.post_id[-12:]))


def facebook_comment_id(message: Message, post: Post | None) -> str:
    """`{object}_{comment}`; the object is the post, or below a review (no post) its story."""
    number = _post_number(post) if post else _story_number(message.thread_id)
    return f"{number}_{COMMENT_BASE + int(message.message_id)}"


def facebook_story_id(review: str) -> str:
    """The story of a review, under which answers stand; by the review's message id."""
    return f"{PAGE_ID}_{_story_number(review)}"


def is_tag(post: Post) -> bool:
    """Of the posts by people, those that only tag the page; the others stand on it."""
    return post.author is not None and int(post.post_id) % 2 == 0


def _post_number(post: Post) -> int:
    return POST_BASE + int(post.post_id[-12:])


def _story_number(review: str) -> int:
    return STORY_BASE + int(review)


def facebook_store(world: World) -> Store:
    """Everything the page's owner may see."""
    return _Builder(world).run()


class _Builder:
    def __init__(self, world: World) -> None:
        self.world, self.store = world, Store()
        self.life: NetworkLife = network_life(world, NETWORK)
        self.end = world.parameters.as_of
        self.posts = {published.post.post_id: published.post for published in self.life.posts}

    def run(self) -> Store:
        self.store.create("user", USER_ID, {"name": "Owner"}, self.world.parameters.starts_at)
        self.store.put(self._page())
        for published in self.life.posts:
            for record in self._post(published):
                self.store.put(record)
        talks: dict[str, list[Message]] = defaultdict(list)
        for said in self.life.messages:
            if said.message.kind == "dm":
                talks[said.message.thread_id].append(said.message)
            else:
                self.store.put(self._said(said))
        for thread_id, messages in talks.items():
            self._talk(thread_id, messages)
        reacted: set[str] = set()
        for reaction in self.life.reactions:
            if reaction.target_kind == "post" and reaction.act != "share":
                post = self.posts[reaction.target_id]
                fields = {
                    "post": facebook_post_id(post), "type": reaction.act.upper(),
                    "user": _person(reaction.profile),
                }  # fmt: skip
                reaction_id = f"{reaction.profile.profile_id}:{fields['post']}"
                if reaction_id not in reacted:  # a person has one reaction to a post
                    self.store.create("reaction", reaction_id, fields, reaction.reacted_at)
                reacted.add(reaction_id)
        for record in day_records(self.world, "page_day", self.life, lambda _day: LAG, self._day):
            self.store.put(record)
        return self.store

    def _page(self) -> Record:
        days = [(n, day_end(d)) for n, d in enumerate(pacific_days(self.world))]
        begin = self.world.parameters.starts_at - timedelta(days=900)
        followers = [(begin, self.life.followers(begin, 0))]
        followers += [(at, self.life.followers(at, number + 1)) for number, at in days]
        base = {"name": PAGE.name, "username": PAGE.handle, "category": "Coffee shop"}
        versions = tuple(Version(at, base | {"followers": count}) for at, count in followers)
        return Record("page", PAGE_ID, versions)

    def _post(self, published: Published) -> Iterator[Record]:
        post = published.post
        fields: Values = {
            "message": post.text, "kind": post.kind,
            "from": _person(post.author), "is_tag": is_tag(post),
            "is_boosted": post.is_boosted or post.is_paid,
            "video": facebook_video_id(post) if post.kind == "video" else "",
        }  # fmt: skip
        versions = [Version(post.published_at, fields)]
        if published.edited_at:
            edited = fields | {"message": post.text + EDIT_MARK}
            versions.append(Version(published.edited_at, edited))
        fate = Fate.DELETED if published.deleted_at else None
        post_id = facebook_post_id(post)
        yield Record("post", post_id, tuple(versions), fate, published.deleted_at)
        if fields["video"]:
            video = tuple(Version(v.since, {**v.fields, "post": post_id}) for v in versions)
            yield Record("video", fields["video"], video, fate, published.deleted_at)
        if published.appeal:
            moments = refreshes(published, self.end)
            # A new post has figures at once: zeros until the first refresh.
            moments = [post.published_at, *moments]
            record = figure_record("figures", post_id, published, moments, lambda _at: {})
            yield from [record] if record else []

    def _said(self, said: Said) -> Record:
        message = said.message
        fate = Fate.DELETED if said.deleted_at else None
        if message.kind == "review":
            fields: Values = {
                "from": _person(message.author), "text": message.text, "rating": message.rating,
            }  # fmt: skip
            story_id = facebook_story_id(message.message_id)
            return Record("review", story_id, (Version(message.sent_at, fields),))
        post = self.posts[message.post_id] if message.post_id else None
        on = facebook_post_id(post) if post else facebook_story_id(message.thread_id)
        # Below a comment there is one level only: an answer to an answer has the same parent. A
        # review is itself what is commented on, so its answers have none.
        is_answer = message.kind == "reply" and post is not None
        root = str(COMMENT_BASE + int(message.thread_id)) if is_answer else ""
        fields = {
            "on": on, "from": _person(message.author), "message": message.text,
            "parent": f"{on.partition('_')[2]}_{root}" if root else "", "is_hidden": False,
        }  # fmt: skip
        versions: dict[datetime, Values] = {message.sent_at: fields}
        if message.edited_at:
            versions[message.edited_at] = fields | {"message": message.text + EDIT_MARK}
        if said.hidden_at:
            newest = versions[max(at for at in versions if at <= said.hidden_at)]
            versions = {
                at: values | {"is_hidden": at > said.hidden_at} for at, values in versions.items()
            } | {said.hidden_at: newest | {"is_hidden": True}}
        record_id = facebook_comment_id(message, post)
        ordered = tuple(Version(at, versions[at]) for at in sorted(versions))
        return Record("comment", record_id, ordered, fate, said.deleted_at)

    def _talk(self, thread_id: str, messages: list[Message]) -> None:
        """A conversation with its messages; its update stamp is that of the newest."""
        talk_id = f"t_{10**15 + int(thread_id[1:])}"
        partner = next(_person(m.author or m.addressee) for m in messages)
        versions = tuple(
            Version(m.sent_at, {"partner": partner, "snippet": m.text, "count": number})
            for number, m in enumerate(messages, start=1)
        )
        self.store.put(Record("talk", talk_id, versions))
        for message in messages:
            sender = _person(message.author)
            fields = {
                "talk": talk_id, "from": sender, "message": message.text,
                "to": _person(None) if message.author else partner,
            }  # fmt: skip
            message_id = f"m_{stable_hex('facebook message', message.message_id)[:40]}"
            self.store.create("message", message_id, fields, message.sent_at)

    def _day(self, day: date, index: int) -> Figures:
        """What a day counts beside the figures of posts: reactions, comments, views of the page."""
        start, end = day_start(day), day_end(day)
        reacted = [r for r in self.life.reactions if start <= r.reacted_at < end]
        counts = {
            f"reacted_{act}": sum(r.act == act for r in reacted)
            for act in ("like", "love", "haha", "wow")
        }
        talked = sum(start <= s.message.sent_at < end for s in self.life.messages)
        seen = int(stable_hex("page views", index)[:2], 16) % 30
        return counts | {"page_views": seen + 3 * talked, "actions": talked + seen // 10}


def _person(profile: Profile | None) -> dict[str, str]:
    """Name and id of a person; of the page for None. People may have no name to show."""
    if profile is None:
        return {"name": PAGE.name, "id": PAGE_ID}
    return {"name": profile.display_name, "id": profile.profile_id}
