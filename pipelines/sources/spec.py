"""How an API is declared: what it offers, in which columns that lands, how each resource is read.

A declaration that contradicts itself fails at import, naming the source, resource and field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from pipelines.contract import Column, ColumnType, PiiKind, pii_columns
from pipelines.http import Service, TokenProvider

if TYPE_CHECKING:
    from pipelines.sources.reading import Page, Reading

Row = Mapping[str, Any]  # columns of a landed row by name
METRICS = "metrics"  # the resource that every source with counters has


class Kind(StrEnum):
    """When a row that was read is news, and lands.

    version: the source says when the object changed; each content lands once, however often and in
    whatever order it is read. state: no stamp to trust; what differs from the newest landed row of
    the object lands, so that a value that comes back is seen to come back. observation: one value
    per object and slot.
    """

    VERSION = "version"
    STATE = "state"
    OBSERVATION = "observation"


class Absence(StrEnum):
    """What it means that a known object is missing from a complete read of its scope.

    ends: the list is the truth (members of a set, reference data): the object has ended.
    lookup: it has ended when a request for just that object says so too.
    twice: it has ended when it is missing on two nights, and denied by id on both where the
    resource has a lookup.
    """

    ENDS = "ends"
    LOOKUP = "lookup"
    TWICE = "twice"


@dataclass(frozen=True)
class Field:
    """One column of a resource, and where its value stands in the vendor's object.

    `path`: keys from the object down, empty: the name itself. `pii`: the value becomes
    `<name>_key` (and `_masked`). `is_volatile`: changes without meaning (signed addresses), so it
    is no reason to land a row. Texts become columns without conversion, numbers as text with all
    digits; timestamps may be ISO 8601 with an offset, or epoch milliseconds. `has_own_network`: a
    profile that says itself of which network it is.
    """

    name: str
    type: ColumnType
    text: str
    path: tuple[str, ...] = ()
    is_required: bool = False
    pii: PiiKind | None = None
    is_list: bool = False
    is_volatile: bool = False
    has_own_network: bool = False

    @property
    def column(self) -> Column:
        """The same as a column."""
        return Column(
            self.name, self.type, self.text, self.is_required, self.pii, is_list=self.is_list
        )

    @property
    def landed(self) -> tuple[Column, ...]:
        """What lands in its place."""
        return pii_columns(self.column) if self.pii else (self.column,)


def no_pages(reading: Reading) -> Iterator[Page]:
    """The reader of a resource whose rows come with those of another one."""
    del reading
    return iter(())


@dataclass(frozen=True, eq=False)
class Resource:
    """One list of one API.

    `key`: fields that identify an object. `version_at`: the field with the source's update stamp,
    for versions. `counters`: metric name → path in the object; they land as observations in
    `metrics`, so that a like makes no new version of a post. `absence`: see `Absence`; None: a
    missing object means nothing. `lookup`: of some objects, given by their landed key columns,
    those that the source no longer has. `ended`: the field that says that an object has ended: a
    boolean, or any value. `read`: yields the pages, of other resources too when an object comes
    inside another one. `private`: keys of the object that must not stay in `_payload`.
    """

    name: str
    grain: str
    kind: Kind
    key: tuple[str, ...]
    fields: tuple[Field, ...]
    read: Callable[[Reading], Iterator[Page]] = no_pages
    version_at: str = ""
    counters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    absence: Absence | None = None
    lookup: Callable[[Reading, Sequence[Row]], Iterator[Row]] | None = None
    ended: Field | None = None
    private: frozenset[str] = frozenset()
    has_payload: bool = True

    def __post_init__(self) -> None:
        names = [f.name for f in self.fields]
        for name in (*self.key, *filter(None, [self.version_at])):
            if name not in names:
                raise ValueError(f"{self.name}: {name} is no field")
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: a field is declared twice")
        if (self.kind is Kind.VERSION) is not bool(self.version_at):
            raise ValueError(f"{self.name}: a version needs version_at, nothing else has one")
        if self.absence is Absence.LOOKUP and self.lookup is None:
            raise ValueError(f"{self.name}: absence by lookup needs a lookup")
        if self.lookup is not None and self.absence not in (Absence.LOOKUP, Absence.TWICE):
            raise ValueError(f"{self.name}: its lookup is never asked")
        if self.counters and len(self.key) != 1:
            raise ValueError(f"{self.name}: counters need a key of one field")

    def named(self, name: str) -> Field:
        """The field called `name`; KeyError when there is none."""
        return next(f for f in self.fields if f.name == name)

    @property
    def key_columns(self) -> tuple[str, ...]:
        """The columns that its key lands in."""
        return tuple(self.named(name).landed[0].name for name in self.key)


METRIC_FIELDS: tuple[Field, ...] = (
    Field("object_kind", ColumnType.TEXT, "Resource that the metric belongs to.", (), True),
    Field("object_id", ColumnType.TEXT, "Native id of the object.", (), True),
    Field("metric", ColumnType.TEXT, "Name of the metric at the source.", (), True),
    Field("breakdown", ColumnType.TEXT, "Part of the whole that the value is about; empty: all."),
    Field("period", ColumnType.TEXT, "lifetime, day, ...", (), True),
    Field("period_end_at", ColumnType.TIMESTAMP, "End of the period; empty for lifetime."),
    Field("value", ColumnType.DOUBLE, "Value; NULL: the source did not report it."),
    Field("reason", ColumnType.TEXT, "Why there is no value."),
    Field("is_partial", ColumnType.BOOLEAN, "The source knows only a part."),
    Field("slot", ColumnType.TEXT, "Slot in which it was observed.", (), True),
)


def metrics_resource(read: Callable[[Reading], Iterator[Page]] = no_pages) -> Resource:
    """The observations of a source: its counters, and what `read` asks for beside them."""
    key = ("object_kind", "object_id", "metric", "breakdown", "period", "period_end_at", "slot")
    return Resource(
        METRICS, "value of a metric, as one slot saw it", Kind.OBSERVATION, key, METRIC_FIELDS,
        read, has_payload=False,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Source:
    """One API. `config`: class of its settings in dlt's configuration (`[sources.<name>]`).

    `service`, `token`: made from those settings. `probe`: asks for the cheapest object. `window`:
    how far back objects are read again each night, because they still change. `version_ends`: API
    version → its last day. `verified_with`: what its tests read it against. `gives_not`: sentences
    on what the network does not tell.
    """

    name: str
    title: str
    version: str
    config: type[Any]
    service: Callable[[Any], Service]
    token: Callable[[Any], TokenProvider]
    resources: tuple[Resource, ...]
    probe: Callable[[Reading], None]
    window: timedelta
    version_ends: Mapping[str, date] = field(default_factory=dict)
    verified_with: str = ""
    gives_not: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [resource.name for resource in self.resources]
        if len(set(names)) < len(names):
            raise ValueError(f"{self.name}: a resource is declared twice")
        has_counters = any(resource.counters for resource in self.resources)
        if has_counters and METRICS not in names:
            raise ValueError(f"{self.name}: counters need the resource {METRICS!r}")
        if has_counters and names[-1] != METRICS:
            raise ValueError(f"{self.name}: {METRICS!r} comes last: the others fill it")

    def resource(self, name: str) -> Resource:
        """The resource called `name`; KeyError when there is none."""
        for resource in self.resources:
            if resource.name == name:
                return resource
        raise KeyError(f"{self.name} has no resource {name!r}")
