"""Response times worked out in plain Python from the written rules: the other side of a comparison with the SQL."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

NO_WORDS = re.compile(r"(https?://|www\.)\S+|[@#][\w.]+|[0-9#*]\ufe0f?\u20e3|\u2139", re.IGNORECASE)
TURN_GAP = timedelta(minutes=5)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Response:
    """One turn that needs a reply, as the mart should show it."""

    brand: str
    opened_at: datetime
    answered_at: datetime | None
    is_mature: bool


def own_words(text: str) -> list[str]:
    """Words left after mentions, links, hashtags and emoji, in lower case."""
    kept = "".join(c if c.isalnum() else " " for c in NO_WORDS.sub(" ", text))
    return kept.lower().split()


def asks(text: str, phrases: set[str]) -> bool:
    """Has a word of its own and is not thanks alone."""
    words = own_words(text)
    is_short = len(text) < 100 and text.count(" ") < 10
    return bool(words) and not (is_short and " ".join(words) in phrases)


def conversations(messages: Sequence[Mapping[str, Any]]) -> dict[str, list[Mapping[str, Any]]]:
    """Messages by topmost known ancestor, or by the missing message that it names; in order of time."""
    by_id = {message["message_id"]: message for message in messages}
    found = defaultdict(list)
    for message in messages:
        top = message["message_id"]
        while top in by_id and by_id[top]["parent_message_id"]:
            top = by_id[top]["parent_message_id"]
        found[top].append(message)
    for members in found.values():
        members.sort(key=lambda m: (m["sent_at"], m["direction"] == "outbound", m["message_id"]))
    return found


def recipient(
    message: Mapping[str, Any],
    members: Sequence[Mapping[str, Any]],
    by_id: Mapping[str, Mapping[str, Any]],
) -> str | None:
    """To whom an outbound message speaks: whom it answers, the only person there, who wrote last before it."""
    parent = by_id.get(message["parent_message_id"])
    if parent is not None and parent["direction"] == "inbound":
        return str(parent["author"])
    inbound = [m for m in members if m["direction"] == "inbound"]
    if len({m["author"] for m in inbound}) == 1:
        return str(inbound[0]["author"])
    before = [m for m in inbound if m["sent_at"] <= message["sent_at"]]
    return str(before[-1]["author"]) if before else None


def responses(
    messages: Sequence[Mapping[str, Any]], phrases: set[str], as_of: datetime
) -> dict[str, Response]:
    """`{native id of the first message: the turn}` of all turns that need a reply."""
    by_id = {message["message_id"]: message for message in messages}
    brand_of: dict[str, str] = {}
    turns: dict[str, tuple[datetime, datetime | None]] = {}
    for members in conversations(messages).values():
        accounts = [
            m["account_id"]
            for m in sorted(members, key=lambda m: (m["sent_at"], m["id_hash"]))
            if m["account_id"]
        ]
        people: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
        for message in members:
            parent = by_id.get(message["parent_message_id"])
            brand_of[message["message_id"]] = (
                message["account_id"]
                or (parent and parent["account_id"])
                or next(iter(accounts), "brand")
            )
            who = (
                message["author"]
                if message["direction"] == "inbound"
                else recipient(message, members, by_id)
            )
            if who:
                people[who].append(message)
        for acts in people.values():
            turns |= turns_of(acts, phrases)
    newest: dict[str, datetime] = {}
    for message in messages:
        brand = brand_of[message["message_id"]]
        newest[brand] = max(newest.get(brand, message["sent_at"]), message["sent_at"])
    found = {}
    for first, (opened, answered) in turns.items():
        brand = brand_of[first]
        day = newest[brand].replace(hour=0, minute=0, second=0, microsecond=0)
        found[first] = Response(brand, opened, answered, opened + DAY <= min(as_of, day + DAY))
    return found


def turns_of(
    acts: Sequence[Mapping[str, Any]], phrases: set[str]
) -> dict[str, tuple[datetime, datetime | None]]:
    """Turns of one person in one conversation that need a reply: opening and first answer."""
    turns: list[list[int]] = []
    for position, act in enumerate(acts):
        if act["direction"] != "inbound":
            continue
        before = acts[position - 1] if position else None
        if (
            before is not None
            and before["direction"] == "inbound"
            and act["sent_at"] - before["sent_at"] <= TURN_GAP
        ):
            turns[-1].append(position)
        else:
            turns.append([position])
    found = {}
    for turn in turns:
        if any(asks(acts[position]["text"], phrases) for position in turn):
            answers = [a["sent_at"] for a in acts[turn[0] :] if a["direction"] == "outbound"]
            first = acts[turn[0]]
            found[str(first["message_id"])] = (first["sent_at"], answers[0] if answers else None)
    return found
