"""An API that answers from recorded bodies: path → JSON, whatever the query; everything else 404."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipelines.clock import ManualClock
from pipelines.http import Kernel, Masker, RequestLedger
from pipelines.http.body import parse_json
from pipelines.http.records import Reply
from pipelines.http.transport import Wire
from pipelines.sources.reading import Reading
from pipelines.sources.spec import Source


class Recorded:
    """In the place of the transport; `wires` is what would have gone out."""

    def __init__(self, file: Path) -> None:
        self.bodies = json.loads(file.read_text(encoding="utf-8"))
        self.wires: list[Wire] = []

    def send(self, wire: Wire) -> Reply:
        self.wires.append(wire)
        body = self.bodies.get(urlsplit(wire.url).path)
        content = json.dumps(
            {"error": {"message": "no such path", "code": 2500}} if body is None else body
        )
        headers = {"content-type": "application/json"}
        status = 400 if body is None else 200
        return Reply(status, headers, content.encode(), parse_json(content.encode()), True)


def reading_of(source: Source, config: Any, recorded: Recorded, now: datetime) -> Reading:
    """A first night at `now` that reads the recorded bodies."""
    kernel = Kernel(
        source.service(config), RequestLedger("run", "slot", source.name, Masker()),
        clock=ManualClock(now), rng=random.Random(1), token=source.token(config),
        transport=recorded,  # type: ignore[arg-type]
    )  # fmt: skip
    return Reading(source.name, config, kernel, now, f"{now:%Y-%m-%d}")


def rows_of(source: Source, reading: Reading) -> dict[str, list[dict[str, Any]]]:
    """What the readers hand over, by resource, with what the rows of a page share."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for resource in source.resources:
        for page in resource.read(reading):
            found[page.resource or resource.name] += [{**row, **page.beside} for row in page.rows]
    return found
