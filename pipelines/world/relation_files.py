"""The files on channel, followers, referrals, trade fairs, surveys and the coffee club."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from pipelines.world.crossposts import CHANNEL
from pipelines.world.dialects import delimited, english_number
from pipelines.world.drop import DropFile, drop_file
from pipelines.world.parameters import BASE_CURRENCY, BRAND_ID, BRAND_ZONE, NETWORKS
from pipelines.world.world import World

FIGURES = ("followers", "gained", "lost")


def relation_files(world: World, networks: Collection[str] = NETWORKS) -> list[DropFile]:
    """All files of this module; followers on these networks, and of the channel."""
    return [
        _channel(),
        _channel_posts(world),
        _account_metrics(world, networks),
        _referrals(world),
        _exhibitions(world),
        _scans(world),
        _polls(world),
        _subscriptions(world),
    ]


def _iso(instant: datetime | None) -> str:
    return instant.isoformat() if instant else ""


def _channel() -> DropFile:
    row = {
        "account_id": CHANNEL.account_id, "network": CHANNEL.network, "handle": CHANNEL.handle,
        "name": CHANNEL.name, "brand": BRAND_ID, "zone": str(BRAND_ZONE),
    }  # fmt: skip
    return drop_file(
        "accounts", "accounts_telegram.csv", delimited([row]), [row], ("account_id",)
    )  # fmt: skip


def _channel_posts(world: World) -> DropFile:
    rows = [
        {
            "post_id": repeated.post_id,
            "network": CHANNEL.network,
            "account_id": CHANNEL.account_id,
            "author_id": CHANNEL.account_id,
            "kind": "post",
            "published": f"{repeated.published_at.astimezone(BRAND_ZONE):%Y-%m-%d %H:%M}",
            "language": repeated.source.language,
            "campaign": repeated.source.campaign,
            "paid": 0,
            "boosted": 0,
            "text": repeated.text,
        }
        for repeated in world.repeated
    ]
    return drop_file(
        "posts", "posts_telegram.csv", delimited(rows), rows, ("network", "post_id")
    )  # fmt: skip


def _account_metrics(world: World, networks: Collection[str]) -> DropFile:
    rows = [
        {
            "account_id": day.account.account_id,
            "network": day.account.network,
            "date": day.day.isoformat(),
            **{
                name: "" if value is None else value
                for name, value in zip(
                    FIGURES, (day.followers, day.gained, day.lost), strict=True
                )
            },
        }
        for day in world.follower_days
        if day.account.network in networks or day.account == CHANNEL
    ]  # fmt: skip
    key = ("network", "account_id", "date")
    return drop_file(
        "account_metrics", "followers.csv", delimited(rows), rows, key,
        rows_per_record=len(FIGURES),
    )  # fmt: skip


def _referrals(world: World) -> DropFile:
    rows = [
        {
            "id": r.referral_id,
            "referrer": r.referrer.contacts[0].contact_id,
            "invited_email": r.invited.email,
            "channel": r.channel,
            "invited_at": _iso(r.invited_at),
            "accepted_at": _iso(r.accepted_at),
            "first_order_at": _iso(r.converted_at),
            "reward": english_number(r.reward_minor),
            "currency": r.currency,
        }
        for r in world.referrals
    ]
    return drop_file("referrals", "referrals.csv", delimited(rows), rows, ("id",))


def _exhibitions(world: World) -> DropFile:
    rows = [
        {
            "id": fair.exhibition_id,
            "name": fair.name,
            "city": fair.city,
            "from": fair.starts_on.isoformat(),
            "to": fair.ends_on.isoformat(),
            "cost": english_number(fair.cost_minor),
            "currency": BASE_CURRENCY,
        }
        for fair in world.exhibitions
    ]
    return drop_file("exhibitions", "exhibitions.csv", delimited(rows), rows, ("id",))


def _scans(world: World) -> DropFile:
    rows = [
        {
            "scan": scan.scan_id,
            "exhibition": scan.exhibition.exhibition_id,
            "contact": scan.contact.contact_id if scan.contact else "",
            "email": scan.email,
            "staff": scan.staff_id,
            "grade": scan.grade,
            "scanned_at": _iso(scan.scanned_at),
            "followed_up_at": _iso(scan.followed_up_at),
        }
        for scan in world.scans
    ]
    return drop_file(
        "exhibition_contacts", "badge_scans.csv", delimited(rows), rows, ("scan",)
    )  # fmt: skip


def _polls(world: World) -> DropFile:
    rows = [
        {
            "response": answer.response_id,
            "kind": answer.kind,
            "question": answer.question,
            "round": answer.wave,
            "contact": answer.contact.contact_id,
            "sent_at": _iso(answer.sent_at),
            "answered_at": _iso(answer.answered_at),
            "score": answer.score,
            "lowest": answer.low,
            "highest": answer.high,
        }
        for answer in world.poll_answers
    ]
    return drop_file(
        "survey_responses", "survey.csv", delimited(rows), rows, ("response", "kind")
    )  # fmt: skip


def _subscriptions(world: World) -> DropFile:
    rows = [
        {
            "change": f"{event.subscription_id}-{event.number}",
            "membership": event.subscription_id,
            "contact": event.contact.contact_id,
            "kind": event.kind,
            "changed_at": _iso(event.changed_at),
            "per_month": english_number(event.mrr_minor),
            "currency": event.currency,
        }
        for event in world.subscription_events
    ]
    return drop_file(
        "subscription_events", "coffee_club.csv", delimited(rows), rows, ("change",)
    )  # fmt: skip
