"""Identifiers as one types them, and as the warehouse holds them."""

from __future__ import annotations

import re

from pipelines.contract import PiiKind
from pipelines.errors import ExitCode, RorError
from pipelines.privacy import load_key, pseudonym
from pipelines.settings import Settings

KINDS = ("contact", "email", "profile")
PSEUDONYM = re.compile(r"k\w+_[0-9a-f]{32}")
HOW = "write contact:ID, email:ADDRESS or profile:NETWORK:HANDLE; a key in place of either is fine"


def identifier_of(text: str, settings: Settings) -> str:
    """`kind|key` of `contact:K1`, `email:ann@example.org`, `profile:x:ann`; keys may stand instead.

    A readable value becomes its pseudonym at once. Exit 64: it is none of these.
    """
    kind, _, value = text.partition(":")
    if kind not in KINDS or not value:
        raise RorError("identity", "identifier", "is of no known kind", HOW, ExitCode.USAGE)
    if kind == "contact" or PSEUDONYM.fullmatch(value):
        return f"{kind}|{value}"
    if kind == "email":
        return f"email|{pseudonym(load_key(settings), PiiKind.EMAIL, value)}"
    network, _, handle = value.partition(":")
    if not handle:
        raise RorError("identity", "identifier", "names no handle", HOW, ExitCode.USAGE)
    return f"profile|{pseudonym(load_key(settings), PiiKind.PROFILE, handle, network)}"


def typed(identifier: str) -> str:
    """The way to type a `kind|key`."""
    return identifier.replace("|", ":", 1)
