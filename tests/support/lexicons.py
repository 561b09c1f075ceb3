"""Checks a value against the published lexicons of the AT Protocol, read in place when present."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

TYPES = {"string": str, "integer": int, "boolean": bool, "array": list, "object": dict}
FORMATS = {
    "at-uri": r"at://did:[a-z]+:[\w.:-]+(/[\w.-]+(/[\w.~:-]+)?)?",
    "did": r"did:[a-z]+:[\w.:%-]*[\w.-]",
    "handle": r"([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?",
    "cid": r"[A-Za-z2-7+/=]{8,256}",
    "tid": r"[234567abcdefghij][234567a-z]{12}",
    "language": r"[a-z]{2,3}(-[A-Za-z0-9]+)*",
}


class Lexicons:
    """All definitions by `nsid#name`; references to absent lexicons are not followed."""

    def __init__(self, folder: Path) -> None:
        self.definitions: dict[str, Any] = {}
        for path in sorted(folder.rglob("*.json")):
            lexicon = json.loads(path.read_text(encoding="utf-8"))
            for name, definition in lexicon["defs"].items():
                self.definitions[f"{lexicon['id']}#{name}"] = definition

    def output_problems(self, nsid: str, body: Any) -> list[str]:
        """What is wrong with the answer of a query; empty when nothing is."""
        schema = self.definitions[f"{nsid}#main"]["output"]["schema"]
        return list(self._problems(schema, body, nsid, "$"))

    def record_problems(self, record: Any) -> list[str]:
        """What is wrong with a record, which names its own type."""
        schema = self.definitions[f"{record['$type']}#main"]["record"]
        return list(self._problems(schema, record, record["$type"], "$"))

    def _full(self, ref: str, nsid: str) -> str:
        return f"{nsid}{ref}" if ref.startswith("#") else ref if "#" in ref else f"{ref}#main"

    def _problems(self, schema: Any, value: Any, nsid: str, at: str) -> Iterator[str]:
        kind = schema["type"]
        if kind == "ref":
            name = self._full(schema["ref"], nsid)
            if name in self.definitions:
                yield from self._problems(self.definitions[name], value, name.split("#")[0], at)
        elif kind == "union":
            yield from self._union(schema, value, nsid, at)
        elif kind in TYPES:
            is_right = isinstance(value, TYPES[kind])
            if not is_right or (kind == "integer" and isinstance(value, bool)):
                yield f"{at}: {type(value).__name__}, not {kind}"
                return
            yield from getattr(self, f"_{kind}")(schema, value, nsid, at)

    def _union(self, schema: Any, value: Any, nsid: str, at: str) -> Iterator[str]:
        allowed = {self._full(ref, nsid) for ref in schema["refs"]}
        given = value.get("$type", "")
        name = self._full(given, nsid)
        if name not in allowed:
            yield f"{at}: $type {given or 'is missing'}"
        elif name in self.definitions:
            yield from self._problems(self.definitions[name], value, name.split("#")[0], at)

    def _object(self, schema: Any, value: Any, nsid: str, at: str) -> Iterator[str]:
        properties = schema.get("properties", {})
        yield from (
            f"{at}.{name}: missing" for name in schema.get("required", []) if name not in value
        )
        for name, item in value.items():
            if name in properties:
                yield from self._problems(properties[name], item, nsid, f"{at}.{name}")
            elif name != "$type":
                yield f"{at}.{name}: unknown"

    def _array(self, schema: Any, value: Any, nsid: str, at: str) -> Iterator[str]:
        if len(value) > schema.get("maxLength", len(value)):
            yield f"{at}: {len(value)} items"
        for number, item in enumerate(value):
            yield from self._problems(schema["items"], item, nsid, f"{at}[{number}]")

    def _string(self, schema: Any, value: str, nsid: str, at: str) -> Iterator[str]:
        form = schema.get("format", "")
        if len(value.encode()) > schema.get("maxLength", len(value.encode())):
            yield f"{at}: too long"
        if form == "datetime":
            is_right = value.endswith("Z") and datetime.fromisoformat(value).tzinfo is not None
        else:
            is_right = form not in FORMATS or re.fullmatch(FORMATS[form], value) is not None
        if not is_right:
            yield f"{at}: {value!r} is no {form}"

    def _integer(self, schema: Any, value: int, nsid: str, at: str) -> Iterator[str]:
        if value < schema.get("minimum", value):
            yield f"{at}: {value} is too small"

    def _boolean(self, schema: Any, value: bool, nsid: str, at: str) -> Iterator[str]:
        if value is not schema.get("const", value):
            yield f"{at}: must be {schema['const']}"
