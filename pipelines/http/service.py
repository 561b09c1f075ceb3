"""How the kernel is to talk to one source, as one declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pipelines.http.budget import Budget
from pipelines.http.classify import Classify, default_outcome
from pipelines.http.limits import Limits
from pipelines.http.origin import Origins
from pipelines.http.throttle import Rate, ReadRate


@dataclass(frozen=True)
class Service:
    """One source as the kernel sees it.

    `headers`: sent with every request (version pins). `classify`: what answers mean. `rates`:
    documented limits by endpoint group, "" for requests without a group. `read_rate`: reads rate
    headers. `version_header`, `request_id_header`: answer headers that the ledger keeps.
    """

    name: str
    origins: Origins
    headers: Mapping[str, str] = field(default_factory=dict)
    classify: Classify = default_outcome
    rates: Mapping[str, Rate] = field(default_factory=dict)
    read_rate: ReadRate | None = None
    version_header: str = ""
    request_id_header: str = ""
    budget: Budget = field(default_factory=Budget)
    limits: Limits = field(default_factory=Limits)
