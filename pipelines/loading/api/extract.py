"""Reads one API: pages through the mapper into the spool, until the end or the first failure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from pipelines import failpoints
from pipelines.http import SourceFailed, SourceStopped
from pipelines.loading.api.mapping import Mapper, Reject
from pipelines.loading.api.spool import Spool
from pipelines.loading.spool import is_too_bad
from pipelines.privacy import Pseudonymiser
from pipelines.sources.reading import Page, Reading
from pipelines.sources.spec import Resource, Source

UNFIT = "too many unreadable objects"
HELD_REJECTS = 10_000  # of one resource: enough to see what is wrong


@dataclass
class Extracted:
    """What was read. `error`: why it ended early: SourceFailed or SourceStopped. `refused`:
    resources of which too much was unreadable to trust the rest.
    """

    rows_read: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    reasons: dict[str, Counter[str]] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    refused: set[str] = field(default_factory=set)
    error: SourceFailed | SourceStopped | None = None
    failed_resource: str = ""

    def problems(self) -> list[str]:
        """One line per thing that needs a person."""
        lines = [self.error.line()] if self.error else []
        lines += [f"{name}: {UNFIT}" for name in sorted(self.refused)]
        return lines


def extract(
    source: Source, reading: Reading, spool: Spool, mapper: Mapper, hide: Pseudonymiser,
    limit: float, beat: Any,
) -> Extracted:  # fmt: skip
    """Read every resource in the order of the declaration. A failure keeps what was read.

    `limit`: share of refused objects that makes a resource unfit. `beat`: called after each page
    with the number of pages.
    """
    found = Extracted()
    pages = 0
    for resource in source.resources:
        try:
            for page in resource.read(reading):
                keep(source.resource(page.resource or resource.name), page, spool, mapper, found)
                pages += 1
                beat(pages)
                failpoints.hit("source.page")
        except (SourceFailed, SourceStopped) as error:
            found.error, found.failed_resource = error, resource.name
            break
    for resource in source.resources:
        name = resource.name
        if is_too_bad(found.rows_read[name], found.rejected[name], limit):
            found.refused.add(name)
    hide.flush()
    return found


def keep(resource: Resource, page: Page, spool: Spool, mapper: Mapper, found: Extracted) -> None:
    """Map a page and keep its rows and rejects."""
    mapped = mapper.map(resource, page)
    found.rows_read[resource.name] += mapped.rows_read
    for table_resource, table in mapped.tables.items():
        spool.add(table_resource, table)
    for reject in mapped.rejects:
        if reject.action == "rejected":
            found.rejected[reject.resource] += 1
        reasons = found.reasons.setdefault(reject.resource, Counter())
        reasons[reject.reason] += 1
        if reasons.total() <= HELD_REJECTS:
            found.rejects.append(reject)
