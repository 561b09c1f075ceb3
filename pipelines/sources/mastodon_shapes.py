"""Mastodon's objects as they may land: only open statuses, their text, one handle per person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from pipelines.http import at
from pipelines.sources.mastodon_text import plain_text

OPEN = ("public", "unlisted")


def is_open(status: Any) -> bool:
    """Everybody may see it."""
    return isinstance(status, dict) and status.get("visibility") in OPEN


def open_statuses(found: Iterable[Any]) -> list[Any]:
    """Those that may be kept. Of one that does not say who may see it only the id is kept: it ends
    in the quarantine, so that a field that got another name is not taken for silence.
    """
    kept: list[Any] = []
    for status in found:
        if is_open(status) or not isinstance(status, dict):
            kept.append(status)
        elif status.get("visibility") is None:
            kept.append({"id": status.get("id")})
    return kept


def shown(status: Any, brand: frozenset[str]) -> Any:
    """The status with its text, and what it has to do with the accounts of the brand (ids)."""
    if not is_open(status):
        return status
    content, mentions = status.get("content"), status.get("mentions")
    mentioned = {id_of(one) for one in mentions or () if isinstance(one, dict)}
    is_own = author_of(status) in brand
    return {
        **status,
        "text": plain_text(content) if isinstance(content, str) else content,
        "is_own": is_own,
        "is_remote": "@" in str(at(status, ("account", "acct"))),
        "is_at_brand": bool(brand & {*mentioned, str(status.get("in_reply_to_account_id"))}),
        "url": status.get("url") if is_own else None,  # of others it names the person
    }


def person(account: Any, domain: str) -> Any:
    """The account of a person; `handle`: with the domain, also of people on our own server, whose
    domain is `domain` or else the host of their address.
    """
    if not isinstance(account, dict):
        return account
    name = str(account.get("acct") or "")
    if name and "@" not in name:
        name = f"{name}@{domain or host_of(account.get('url'))}"
    return {**account, "handle": name}


def host_of(address: Any) -> str:
    """The host of an address; empty when it has none."""
    try:
        return urlsplit(str(address)).hostname or ""
    except ValueError:
        return ""


def id_of(row: Any) -> str:
    """The id as text; empty when there is none."""
    found = row.get("id") if isinstance(row, dict) else None
    return "" if found is None else str(found)


def author_of(status: Any) -> str:
    """The id of who wrote it; empty when it does not say."""
    return str(at(status, ("account", "id")) or "")


def parent_of(status: Any) -> str:
    """The id of what it answers; empty when it answers nothing."""
    return str(at(status, ("in_reply_to_id",)) or "")
