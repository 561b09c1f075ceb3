"""The `fields` parameter of the Graph API: names, modifiers and nested selections.

`id,from{name},comments.limit(0).summary(total_count).as(talk)`
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pipelines.world.fakenet.graph_errors import syntax

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True)
class Selection:
    """One field: its name, what the answer calls it, its modifiers, what is wanted below it."""

    name: str
    alias: str
    options: dict[str, str] = field(default_factory=dict)
    below: tuple[Selection, ...] = ()


def parse_fields(text: str) -> tuple[Selection, ...]:
    """Read the parameter; Refused with code 2500 where it cannot be read."""
    parser = _Parser(text)
    found = parser.selections() if text else ()
    if parser.place < len(text):
        raise parser.error("end of string")
    return found


class _Parser:
    def __init__(self, text: str) -> None:
        self.text, self.place = text, 0

    def selections(self) -> tuple[Selection, ...]:
        found = [self._selection()]
        while self._take(","):
            found.append(self._selection())
        return tuple(found)

    def _selection(self) -> Selection:
        name = self._name()
        alias = name
        options: dict[str, str] = {}
        below: tuple[Selection, ...] = ()
        while self._take("."):
            modifier = self._name()
            value = self._argument()
            alias = value if modifier == "as" else alias
            options |= {} if modifier == "as" else {modifier: value}
        if self._take("{"):
            below = self.selections()
            if not self._take("}"):
                raise self.error("}")
        return Selection(name, alias, options, below)

    def _name(self) -> str:
        match = _NAME.match(self.text, self.place)
        if not match:
            raise self.error("name")
        self.place = match.end()
        return match[0]

    def _argument(self) -> str:
        end = self.text.find(")", self.place)
        if not self._take("(") or end < 0:
            raise self.error("(")
        value, self.place = self.text[self.place : end], end + 1
        return value.strip("'\"")

    def _take(self, sign: str) -> bool:
        is_there = self.text.startswith(sign, self.place)
        self.place += len(sign) if is_there else 0
        return is_there

    def error(self, expected: str) -> Exception:
        found = self.text[self.place : self.place + 1]
        return syntax(f'"Expected {expected} instead of "{found}"." at character {self.place}: '
                      f"{self.text}")  # fmt: skip
