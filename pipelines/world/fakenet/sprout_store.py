"""What Sprout Social keeps of three networks: profiles, messages, posts with figures, cases.

It goes on showing what was deleted on its network.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from pipelines.world.crm import OWNER_NAMES
from pipelines.world.fakenet.facade import stable_hex, utc_text
from pipelines.world.fakenet.facebook_store import facebook_comment_id, facebook_post_id
from pipelines.world.fakenet.figures import figure_record
from pipelines.world.fakenet.instagram_store import instagram_media_id
from pipelines.world.fakenet.store import Store
from pipelines.world.fakenet.x_names import x_message_id, x_post_id
from pipelines.world.networks import EDIT_MARK, NetworkLife, Published, Said, network_life
from pipelines.world.parameters import NETWORKS
from pipelines.world.posts import ACCOUNT_OF
from pipelines.world.records import Message, Post
from pipelines.world.world import World

PROFILE, POST, MESSAGE, FIGURES = "profile", "post", "message", "figures"
CASE, USER, TAG, TOPIC = "case", "user", "tag", "topic"
NETWORK_TYPES = {"x": "twitter", "instagram": "fb_instagram_account", "facebook": "facebook"}
PREFIXES = {"x": "TWEET", "instagram": "INSTAGRAM", "facebook": "FACEBOOK"}
CATEGORIES = {"dm": "DM", "review": "REVIEW", "comment": "COMMENT", "reply": "REPLY"}
PROFILE_BASE, CASE_BASE, USER_BASE, TAG_BASE = 4_810_000, 5_000_000, 1_420_000, 3_900_000
TOPIC_ID = "9b7e4f20-topic-coffee"
FIGURE_DAYS = range(60)
Values = dict[str, Any]


def profile_id(network: str) -> int:
    """Sprout's id of the brand's profile."""
    return PROFILE_BASE + NETWORKS.index(network) + 1


def guid(network: str, native_id: str) -> str:
    """Sprout's id of a message: depends on the message only, says nothing of its time."""
    return f"{stable_hex('sprout', network, native_id)[:20]}"


def native_post_id(post: Post) -> str:
    """The id that its network gave a post."""
    match post.account.network:
        case "x":
            return x_post_id(post)
        case "instagram":
            return instagram_media_id(post)
    return facebook_post_id(post)


def sprout_store(world: World) -> Store:
    """Everything the brand's account may see."""
    return _Builder(world).run()


class _Builder:
    def __init__(self, world: World) -> None:
        self.world, self.store = world, Store()
        complaints = sorted(
            (t for t in world.said.turns if t.topic == "complaint" and t.network in NETWORKS),
            key=lambda turn: (turn.opened_at, turn.network, turn.thread_id),
        )
        self.case_of: dict[tuple[str, str], int] = {}
        for number, turn in enumerate(complaints, start=1):
            self.case_of.setdefault((turn.network, turn.thread_id), CASE_BASE + number)
            if self.case_of[turn.network, turn.thread_id] == CASE_BASE + number:
                self._case(CASE_BASE + number, turn.opened_at, turn.answered_at)

    def run(self) -> Store:
        since = self.world.parameters.starts_at
        for number, (given, family) in enumerate(OWNER_NAMES, start=1):
            user = {"id": USER_BASE + number, "name": f"{given} {family}",
                    "email": f"social{number}@beanandbond.example"}  # fmt: skip
            self.store.create(USER, str(user["id"]), user, since)
        campaigns = sorted({post.campaign for post in self.world.posts if post.campaign})
        self.tags = {name: TAG_BASE + n for n, name in enumerate(campaigns, start=1)}
        for name, tag_id in self.tags.items():
            tag = {"tag_id": tag_id, "text": name, "type": "CAMPAIGN", "active": True,
                   "any_group": True, "groups": []}  # fmt: skip
            self.store.create(TAG, str(tag_id), tag, since)
        topic = {"id": TOPIC_ID, "name": "Coffee", "topic_type": "BRAND"}
        self.store.create(TOPIC, TOPIC_ID, topic, since)
        for network in NETWORKS:
            self._network(network_life(self.world, network), since)
        return self.store

    def _network(self, life: NetworkLife, since: datetime) -> None:
        network, account = life.account.network, life.account
        profile = {
            "customer_profile_id": profile_id(network), "network_type": NETWORK_TYPES[network],
            "name": account.name, "native_name": account.handle, "native_id": account.account_id,
            "link": f"https://{network}.example/{account.handle}", "groups": [1],
        }  # fmt: skip
        self.store.create(PROFILE, str(profile["customer_profile_id"]), profile, since)
        posts = {published.post.post_id: published.post for published in life.posts}
        for published in life.posts:
            self._post(published)
        for said in life.messages:
            self._said(said, posts)

    def _common(self, network: str, native_id: str, at: datetime) -> Values:
        return {
            "guid": guid(network, native_id), "native_id": native_id,
            "customer_profile_id": profile_id(network),
            "profile_guid": f"{NETWORK_TYPES[network]}:{ACCOUNT_OF[network].account_id}",
            "network": NETWORK_TYPES[network].upper(), "created_time": utc_text(at, 0), "_at": at,
        }  # fmt: skip

    def _post(self, published: Published) -> None:
        """A post by the brand, with figures; one by a person is a message to the brand."""
        post, network = published.post, published.post.account.network
        native_id = native_post_id(post)
        author = post.author
        sender = author.profile_id if author else ACCOUNT_OF[network].account_id
        handle = author.handle if author else ACCOUNT_OF[network].handle
        name = author.display_name if author else ACCOUNT_OF[network].name
        fields = self._common(network, native_id, post.published_at) | {
            "post_category": "POST", "post_type": f"{PREFIXES[network]}_POST", "text": post.text,
            "perma_link": f"https://{network}.example/p/{native_id}", "sent": author is None,
            "from": {"guid": sender, "name": name, "screen_name": handle},
            "language_code": post.language, "case_id": None,
            "internal": {
                "tags": [{"id": self.tags[post.campaign]}] if post.campaign else [],
                "sent_by": {"id": USER_BASE + 1} if author is None else None,
            },
        }  # fmt: skip
        kinds = (MESSAGE,) if author else (MESSAGE, POST)
        for kind in kinds:
            self.store.create(kind, fields["guid"], fields, post.published_at)
            if published.edited_at:
                edited = {"text": post.text + EDIT_MARK}
                self.store.change(kind, fields["guid"], edited, published.edited_at)
        if author is None:
            end = self.world.parameters.as_of
            days = [post.published_at + timedelta(days=day) for day in FIGURE_DAYS]
            moments = [moment for moment in days if moment < end]
            record = figure_record(FIGURES, fields["guid"], published, moments, lambda _at: {})
            if record is not None:
                kept = record.versions
                self.store.put(type(record)(FIGURES, record.record_id, kept))

    def _said(self, said: Said, posts: dict[str, Post]) -> None:
        message, network = said.message, said.message.account.network
        native_id = _native_message_id(message, posts)
        author, is_own = message.author, message.author is None
        account = ACCOUNT_OF[network]
        category = CATEGORIES.get(message.kind, "POST")
        kind = "MENTION" if category == "POST" else category
        fields = self._common(network, native_id, message.sent_at) | {
            "post_category": category, "post_type": f"{PREFIXES[network]}_{kind}",
            "text": message.text, "perma_link": f"https://{network}.example/m/{native_id}",
            "sent": is_own, "language_code": message.language,
            "from": {
                "guid": author.profile_id if author else account.account_id,
                "name": author.display_name if author else account.name,
                "screen_name": author.handle if author else account.handle,
            },
            "case_id": self.case_of.get((network, message.thread_id)),
            "internal": {
                "tags": [],
                "sent_by": {"id": USER_BASE + 1} if is_own and not message.is_automated else None,
            },
        }  # fmt: skip
        self.store.create(MESSAGE, fields["guid"], fields, message.sent_at)

    def _case(self, case_id: int, opened_at: datetime, answered_at: datetime | None) -> None:
        fields = {
            "case_id": case_id, "status": "OPEN", "type": "SUPPORT", "priority": "MEDIUM",
            "created_time": utc_text(opened_at, 0), "updated_time": utc_text(opened_at, 0),
            "assigned_to": {"id": USER_BASE + 1}, "queue_id": 1, "_at": opened_at,
        }  # fmt: skip
        self.store.create(CASE, str(case_id), fields, opened_at)
        if answered_at:
            done = {"status": "CLOSED", "updated_time": utc_text(answered_at, 0),
                    "_at": answered_at}  # fmt: skip
            self.store.change(CASE, str(case_id), done, answered_at)


def _native_message_id(message: Message, posts: dict[str, Post]) -> str:
    """The id that its network gave a message."""
    network = message.account.network
    if network == "x" and message.kind != "dm":
        return x_message_id(message)
    if network == "facebook" and message.kind == "comment" and message.post_id in posts:
        return facebook_comment_id(message, posts[message.post_id])
    return message.message_id
