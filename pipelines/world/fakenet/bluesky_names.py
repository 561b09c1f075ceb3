"""Names of the AT Protocol: identifiers of accounts, records and contents."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.facade import EPOCH

SORTABLE = "234567abcdefghijklmnopqrstuvwxyz"  # base32 whose text order is the order of numbers
TID_LENGTH, CLOCK_BITS, DID_LENGTH = 13, 10, 24
CID_PREFIX = bytes((0x01, 0x71, 0x12, 0x20))  # CIDv1, dag-cbor, sha2-256, 32 bytes
POST, LIKE = "app.bsky.feed.post", "app.bsky.feed.like"
REPOST, FOLLOW = "app.bsky.feed.repost", "app.bsky.graph.follow"
PROFILE = "app.bsky.actor.profile"


def did_of(seed: int, key: str) -> str:
    """The decentralised identifier of an account of a world."""
    digest = hashlib.sha256(f"{seed}|{key}".encode()).digest()
    return f"did:plc:{base64.b32encode(digest).decode().lower()[:DID_LENGTH]}"


def tid(instant: datetime, clock: int) -> str:
    """A record key: microseconds since the epoch and a clock number, sortable as text."""
    number = ((instant - EPOCH) // timedelta(microseconds=1)) << CLOCK_BITS
    number |= clock % (1 << CLOCK_BITS)
    digits = [SORTABLE[number >> (5 * place) & 31] for place in range(TID_LENGTH)]
    return "".join(reversed(digits))


def cid(value: dict[str, Any]) -> str:
    """A content identifier: another value, another name."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).digest()
    return "b" + base64.b32encode(CID_PREFIX + digest).decode().lower().rstrip("=")


def at_uri(did: str, collection: str, rkey: str) -> str:
    """`at://did/collection/rkey`."""
    return f"at://{did}/{collection}/{rkey}"


def split_uri(uri: str) -> tuple[str, str, str]:
    """Did, collection and key; empty parts where the text is no such address."""
    if not uri.startswith("at://"):
        return "", "", ""
    did, _, rest = uri.removeprefix("at://").partition("/")
    collection, _, rkey = rest.partition("/")
    return did, collection, rkey
