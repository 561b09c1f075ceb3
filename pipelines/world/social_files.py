"""The files that a social suite exports: profiles, posts and their figures, messages, reactions."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import pyarrow as pa

from pipelines.world.audience import METRICS
from pipelines.world.dialects import Row, delimited, json_lines, parquet
from pipelines.world.drop import DropFile, drop_file
from pipelines.world.mistakes import with_mistakes
from pipelines.world.parameters import BRAND_ID, BRAND_ZONE, NETWORKS
from pipelines.world.posts import ACCOUNTS
from pipelines.world.records import Message
from pipelines.world.world import World

SPEAKERS = {"inbound": "customer", "outbound": "brand", "peer": "member"}
EXPORTED_TWICE_EVERY = (
    150  # pages of the message export overlap: every so many messages one comes twice
)


def social_files(world: World, networks: Collection[str] = NETWORKS) -> list[DropFile]:
    """All files of the social suite, on these networks."""
    return [
        _accounts(networks),
        _agents(world),
        _profiles(world, networks),
        _posts(world, networks),
        _post_metrics(world, networks),
        *(_messages(world, network) for network in NETWORKS if network in networks),
        _reactions(world, networks),
    ]


def _wall(instant: datetime) -> str:
    return f"{instant.astimezone(BRAND_ZONE):%Y-%m-%d %H:%M}"


def _accounts(networks: Collection[str]) -> DropFile:
    rows = [
        {
            "account_id": a.account_id,
            "network": a.network,
            "handle": a.handle,
            "name": a.name,
            "brand": BRAND_ID,
            "zone": str(BRAND_ZONE),
        }
        for a in ACCOUNTS
        if a.network in networks
    ]
    return drop_file("accounts", "accounts.csv", delimited(rows), rows, ("account_id",))


def _agents(world: World) -> DropFile:
    rows = [
        {
            "agent": a.agent_id,
            "role": a.role,
            "bot": "yes" if a.is_bot else "no",
            "from": a.active_from.isoformat(),
            "to": a.active_to.isoformat() if a.active_to else "n/a",
        }
        for a in world.agents
    ]
    return drop_file("agents", "agents.csv", delimited(rows), rows, ("agent",))


def _profiles(world: World, networks: Collection[str]) -> DropFile:
    rows: list[Row] = [
        {
            "id": account.account_id,
            "network": account.network,
            "username": account.handle,
            "name": account.name,
            "is_brand": True,
            "updated_at": world.parameters.starts_at.isoformat(),
        }
        for account in ACCOUNTS
        if account.network in networks
    ]
    for person in world.population.people:
        rows.extend(
            {
                "id": profile.profile_id,
                "network": profile.network,
                "username": profile.handle,
                "name": profile.display_name or None,
                "email": profile.email or None,
                "language": person.language,
                "location": person.country,
                "followers": profile.follower_count,
                "following": profile.following_count,
                "is_bot": person.is_bot,
                "is_brand": False,
                "updated_at": profile.updated_at.isoformat(),
            }
            for profile in person.profiles
            if profile.network in networks
        )
    return drop_file("profiles", "profiles.jsonl", json_lines(rows), rows, ("network", "id"))


def _posts(world: World, networks: Collection[str]) -> DropFile:
    rows = [
        {
            "post_id": post.post_id,
            "network": post.account.network,
            "account_id": "" if post.author else post.account.account_id,
            "author_id": post.author.profile_id if post.author else post.account.account_id,
            "kind": post.kind,
            "published": _wall(post.published_at),
            "language": post.language,
            "campaign": post.campaign,
            "paid": int(post.is_paid),
            "boosted": int(post.is_boosted),
            "text": post.text,
        }
        for post in world.posts
        if post.account.network in networks
    ]
    return drop_file("posts", "posts.csv", delimited(rows), rows, ("network", "post_id"))


def _post_metrics(world: World, networks: Collection[str]) -> DropFile:
    rows = [
        {
            "post_id": o.post.post_id,
            "network": o.post.account.network,
            "date": o.observed_on.isoformat(),
            **{name: "" if o.values[name] is None else o.values[name] for name in METRICS},
        }
        for o in world.observations
        if o.post.account.network in networks
    ]
    content = delimited(rows)
    key = ("network", "post_id", "date")
    return drop_file(
        "post_metrics", "post_metrics.csv", content, rows, key, rows_per_record=len(METRICS)
    )


def _message_row(message: Message, text: str, updated_at: datetime) -> Row:
    return {
        "message_id": message.message_id,
        "network": message.account.network,
        "kind": message.kind,
        "thread": message.thread_id,
        "in_reply_to": message.parent_id or None,
        "post": message.post_id or None,
        "author": message.author.profile_id if message.author else message.account.account_id,
        "to": message.addressee.profile_id if message.addressee else None,
        "account": message.account.account_id,
        "from": SPEAKERS[message.direction],
        "automated": message.is_automated,
        "agent": message.agent_id or None,
        "sent_at": message.sent_at.astimezone(BRAND_ZONE).isoformat(),
        "text": text,
        "language": message.language if message.account.network == "x" else None,
        "rating": message.rating,
        "updated_at": updated_at.isoformat(),
    }


def _messages(world: World, network: str) -> DropFile:
    rows: list[Row] = []
    said = [m for m in world.said.messages if m.account.network == network]
    for number, message in enumerate(sorted(said, key=lambda m: (m.sent_at, m.message_id)), 1):
        rows.append(_message_row(message, message.text, message.sent_at))
        if number % EXPORTED_TWICE_EVERY == 0:
            rows.append(rows[-1])
        if message.edited_at:
            rows.append(_message_row(message, f"{message.text} (edit)", message.edited_at))
    spoiled, count = with_mistakes("messages", rows)
    name = f"messages_{network}.jsonl"
    return drop_file(
        "messages", name, json_lines(spoiled), rows, ("network", "message_id"), rejected=count
    )


def _reactions(world: World, networks: Collection[str]) -> DropFile:
    rows: list[Row] = [
        {
            "reaction_id": r.reaction_id,
            "network": r.network,
            "act": r.act,
            "profile_id": r.profile.profile_id,
            "account_id": r.account_id,
            "target_kind": r.target_kind,
            "target_id": r.target_id,
            "reacted_at": r.reacted_at.isoformat(),
        }
        for r in world.reactions
        if r.network in networks
    ]
    names = (
        "reaction_id",
        "network",
        "act",
        "profile_id",
        "account_id",
        "target_kind",
        "target_id",
    )
    fields = [pa.field(name, pa.string()) for name in names]
    schema = pa.schema([*fields, pa.field("reacted_at", pa.timestamp("us", tz="UTC"))])
    content = parquet(rows, schema)
    return drop_file("reactions", "reactions.parquet", content, rows, ("network", "reaction_id"))
