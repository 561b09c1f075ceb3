"""Rest.li 2.0 addresses: `List(a,b)`, `(key:value)`, and everything else encoded inside them.

The characters of this grammar count only as they are; inside a value they must be encoded. So a
client that encodes the whole parameter sends one long word, and one that encodes nothing breaks.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

RESERVED = "(),:'"


class MalformedError(ValueError):
    """No Rest.li value."""


def parse(text: str) -> Any:
    """A raw value as text, list or dict of such; raises MalformedError when it is none."""
    value, rest = _value(text)
    if rest:
        raise MalformedError(rest)
    return value


def query_of(raw: str) -> dict[str, str]:
    """The parameters of a raw query, their values still as sent; the last of a name counts."""
    pairs = (part.partition("=") for part in raw.split("&") if part)
    return {unquote(name): value for name, _, value in pairs}


def _value(text: str) -> tuple[Any, str]:
    """A value and what follows it."""
    if text.startswith("List("):
        items: list[Any] = []
        rest = text.removeprefix("List(")
        while not rest.startswith(")"):
            item, rest = _value(rest)
            items.append(item)
            rest = _next(rest)
        return items, rest[1:]
    if text.startswith("("):
        fields: dict[str, Any] = {}
        rest = text[1:]
        while not rest.startswith(")"):
            name, rest = _word(rest)
            if not rest.startswith(":"):
                raise MalformedError(rest)
            fields[name], rest = _value(rest[1:])
            rest = _next(rest)
        return fields, rest[1:]
    return _word(text)


def _next(rest: str) -> str:
    """What follows a member of a list: behind the comma, or at the bracket."""
    if rest.startswith(",") and not rest.startswith(",)"):
        return rest[1:]
    if not rest.startswith(")"):
        raise MalformedError(rest)
    return rest


def _word(text: str) -> tuple[str, str]:
    """Characters up to the next one of the grammar, decoded."""
    end = next((place for place, c in enumerate(text) if c in RESERVED), len(text))
    if end == 0:
        raise MalformedError(text)
    return unquote(text[:end]), text[end:]
