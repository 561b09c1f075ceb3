"""X as a world sees it: users, posts with their edits, likes, follows, figures over time."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.figures import figure_record
from pipelines.world.fakenet.store import Fate, Record, Store, Version
from pipelines.world.fakenet.x_names import (
    BRAND,
    BRAND_ID,
    x_message_id,
    x_post_id,
    x_reaction_id,
    x_unseen_id,
)
from pipelines.world.networks import EDIT_MARK, Member, NetworkLife, Published, Said, network_life
from pipelines.world.records import Message, Profile, Reaction
from pipelines.world.world import World

NETWORK = "x"
# Public figures move at once, quickly at first and then for ever.
HOURS = (0, 1, 3, 6, 12, *range(24, 31 * 24, 24), *range(31 * 24, 400 * 24, 7 * 24))
Values = dict[str, Any]


def x_store(world: World) -> Store:
    """Everything public, and what the brand itself may see."""
    return _Builder(world).run()


class _Builder:
    def __init__(self, world: World) -> None:
        self.world, self.store = world, Store()
        self.life: NetworkLife = network_life(world, NETWORK)
        self.messages = {said.message.message_id: said.message for said in self.life.messages}
        self.published = {published.post.post_id: published for published in self.life.posts}

    def run(self) -> Store:
        begin = self.world.parameters.starts_at - timedelta(days=1200)
        brand = {"username": BRAND.handle, "name": BRAND.name, "protected": False,
                 "followers": 0, "following": 310}  # fmt: skip
        self.store.create("user", BRAND_ID, brand, begin)
        for member in self.life.members:
            self.store.put(self._user(member))
        for published in self.life.posts:
            self._post(published)
        for said in self.life.messages:
            if said.message.kind != "dm":
                self._said(said)
        for reaction in self.life.reactions:
            self._reaction(reaction)
        for follow in self.life.follows:
            fate = Fate.DELETED if follow.until else None
            versions = (Version(follow.since, {"user": follow.profile_id}),)
            self.store.put(Record("follow", follow.profile_id, versions, fate, follow.until))
        return self.store

    def _user(self, member: Member) -> Record:
        profile = member.profile
        fields: Values = {
            "username": profile.handle, "name": profile.display_name or profile.handle,
            "protected": False, "followers": profile.follower_count,
            "following": profile.following_count,
        }  # fmt: skip
        versions = [Version(profile.updated_at, fields)]
        if member.protected_at:
            versions.append(Version(member.protected_at, fields | {"protected": True}))
        fate = Fate.DELETED if member.suspended_at else None
        return Record("user", profile.profile_id, tuple(versions), fate, member.suspended_at)

    def _put_post(
        self, ids: list[tuple[str, datetime]], texts: list[str], fields: Values,
        deleted_at: datetime | None,
    ) -> None:  # fmt: skip
        """A post as one record per edit: each has an id of its own and knows those before.

        A superseded one can still be looked up, and learns of its successor.
        """
        fate = Fate.DELETED if deleted_at else None
        first = ids[0][0]
        for place, (post_id, at) in enumerate(ids):
            versions = [
                Version(since, {
                    "conversation": first, **fields, "text": texts[place], "first": first,
                    "history": tuple(i for i, t in ids if t <= since),
                    "is_superseded": since > at,
                })
                for _, since in ids[place:]
            ]  # fmt: skip
            self.store.put(Record("post", post_id, tuple(versions), fate, deleted_at))

    def _post(self, published: Published) -> None:
        post = published.post
        ids = [(x_post_id(post), post.published_at)]
        text = post.text if post.author is None else f"{post.text} #{BRAND.handle}"
        texts = [text]
        if published.edited_at:
            ids.append((x_post_id(post, published.edited_at), published.edited_at))
            texts.append(text + EDIT_MARK)
        fields = self._fields(post.author, post.language)
        self._put_post(ids, texts, fields, published.deleted_at)
        if published.appeal:
            end = self.world.parameters.as_of
            moments = [post.published_at + timedelta(hours=hours) for hours in HOURS]
            record = figure_record(
                "figures", ids[0][0], published, [m for m in moments if m < end], lambda _at: {}
            )
            if record:
                self.store.put(record)

    def _fields(self, author: Profile | None, language: str) -> Values:
        return {
            "author": author.profile_id if author else BRAND_ID, "lang": language,
            "reply_to": "", "reply_user": "", "quoted": "", "reposted": "",
        }  # fmt: skip

    def _said(self, said: Said) -> None:
        """A reply or mention; replies begin with whom they answer."""
        message = said.message
        ids = [(x_message_id(message), message.sent_at)]
        parent, user_id, handle = self._answered(message)
        fields = self._fields(message.author, message.language)
        if parent:
            fields |= {"reply_to": parent, "reply_user": user_id}
            fields["conversation"] = self._conversation(message)
        names = dict.fromkeys(n for n in (handle, BRAND.handle) if n and n != _handle(message))
        text = " ".join([*(f"@{name}" for name in names), message.text])
        texts = [text]
        if message.edited_at:
            ids.append((x_message_id(message, message.edited_at), message.edited_at))
            texts.append(text + EDIT_MARK)
        self._put_post(ids, texts, fields, said.deleted_at)

    def _answered(self, message: Message) -> tuple[str, str, str]:
        """Id and author (id, handle) of what a message answers; empty for a mention."""
        if message.parent_id in self.messages:
            parent = self.messages[message.parent_id]
            edited = parent.edited_at
            at = edited if edited and edited <= message.sent_at else None
            author = parent.author.profile_id if parent.author else BRAND_ID
            return x_message_id(parent, at), author, _handle(parent)
        if message.parent_id:  # nobody ever saw it
            return x_unseen_id(message.parent_id, message.sent_at), BRAND_ID, ""
        if message.post_id:
            return self._current(message.post_id, message.sent_at), BRAND_ID, BRAND.handle
        return "", "", ""

    def _current(self, post_id: str, at: datetime) -> str:
        """The id that a post had at an instant."""
        published = self.published[post_id]
        edited = published.edited_at
        return x_post_id(published.post, edited if edited and edited <= at else None)

    def _conversation(self, message: Message) -> str:
        """The id of the post the conversation began with."""
        if message.post_id:
            return x_post_id(self.published[message.post_id].post)
        root = self.messages.get(message.thread_id)
        return x_message_id(root) if root else x_unseen_id(message.thread_id, message.sent_at)

    def _reaction(self, reaction: Reaction) -> None:
        at, user = reaction.reacted_at, reaction.profile
        if reaction.target_kind == "message":
            target = self.messages[reaction.target_id]
            if target.kind == "dm":
                return
            first = x_message_id(target)
        else:
            first = x_post_id(self.published[reaction.target_id].post)
        if reaction.act == "like":
            fields = {"user": user.profile_id, "post": first}
            self.store.create("like", f"{user.profile_id}:{reaction.reaction_id}", fields, at)
        elif reaction.act in ("repost", "quote"):
            current = self._current(reaction.target_id, at)
            original = self.published[reaction.target_id].post
            fields = self._fields(user, original.language)
            if reaction.act == "repost":
                fields["reposted"], text = current, f"RT @{BRAND.handle}: {original.text}"
            else:
                link = f"https://x.example/{BRAND.handle}/status/{current}"
                fields["quoted"], text = current, f"👀 {link}"
            self._put_post([(x_reaction_id(reaction), at)], [text], fields, None)


def _handle(message: Message) -> str:
    return message.author.handle if message.author else BRAND.handle
