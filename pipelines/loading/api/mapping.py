"""Objects of a page as rows of their raw table: renamed, typed, checked, pseudonymised.

page ─ columns by path ─▶ typed ─ required, readable, not from the future ─▶ rows │ quarantine
                                                                  counters ─▶ observations
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.contract import FUTURE_ALLOWANCE, ColumnType, PiiKind
from pipelines.loading.api.tables import mapped_schema
from pipelines.loading.api.values import BAD_TYPE, convert, json_text
from pipelines.privacy import Pseudonymiser
from pipelines.privacy.columns import UNIT
from pipelines.schema import ARROW_TYPES
from pipelines.sources.reading import Page
from pipelines.sources.spec import METRICS, Field, Resource, Source

KEY_SEPARATOR = "|"
NO_OBJECT = "no_object"
TOO_COMPLEX = "too_complex"
MISSING_KEY = "missing_key"
OUT_OF_RANGE = "out_of_range"
LIFETIME = "lifetime"
INSTANT = ARROW_TYPES[ColumnType.TIMESTAMP]


@dataclass(frozen=True)
class Reject:
    """An object, or a repair of one, for the quarantine. `item` is what the vendor sent."""

    resource: str
    reason: str
    item: Any
    field: str | None = None
    action: str = "rejected"


@dataclass
class Mapped:
    """What a page came to: rows by resource, in arrival order, and what was refused."""

    tables: dict[Resource, pa.Table] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    rows_read: int = 0


class Mapper:
    """Maps the pages of one source in one run. Profiles belong to the network of its name."""

    def __init__(
        self, source: Source, pseudonymiser: Pseudonymiser, now: datetime, slot: str
    ) -> None:
        self._source, self._hide, self._now, self._slot = source, pseudonymiser, now, slot

    def map(self, resource: Resource, page: Page) -> Mapped:
        """Rows of the page's resource, and observations of its counters."""
        mapped = Mapped(rows_read=len(page.rows) + len(page.too_complex))
        mapped.rejects += [Reject(resource.name, TOO_COMPLEX, item) for item in page.too_complex]
        items = [item for item in page.rows if isinstance(item, dict)]
        if len(items) < len(page.rows):
            odd = [item for item in page.rows if not isinstance(item, dict)]
            mapped.rejects += [Reject(resource.name, NO_OBJECT, item) for item in odd]
        if not items:
            return mapped
        table, faults = self._typed(resource, page, items, mapped)
        good = pa.array([n not in faults for n in range(len(items))])
        mapped.rejects += [
            Reject(resource.name, reason, items[n], name) for n, (reason, name) in faults.items()
        ]
        table = table.filter(good)
        if table.num_rows:
            mapped.tables[resource] = table
        if resource.counters and table.num_rows:
            kept = [item for n, item in enumerate(items) if n not in faults]
            self._count(resource, kept, table, mapped)
        return mapped

    def _typed(
        self, resource: Resource, page: Page, items: list[dict[str, Any]], mapped: Mapped
    ) -> tuple[pa.Table, dict[int, tuple[str, str | None]]]:
        """The typed table of all objects, and the first fault of each object that has one."""
        faults: dict[int, tuple[str, str | None]] = {}
        repaired: set[int] = set()
        columns: dict[str, pa.Array] = {}
        stamp: pa.Array | None = None
        values = _Values(items, page.beside)
        for declared in resource.fields:
            found = convert(declared.type, values.of(declared))
            for n in found.bad:
                faults.setdefault(n, (BAD_TYPE, declared.name))
            for n in found.repaired:
                repaired.add(n)
                mapped.rejects.append(
                    Reject(resource.name, "bad_text", items[n], declared.name, "repaired")
                )
            if declared.is_required:
                for n in _missing(found.values):
                    faults.setdefault(n, (MISSING_KEY, declared.name))
            if declared.name == resource.version_at:
                stamp = found.values
            columns |= self._landed(declared, found.values)
        if stamp is not None:
            latest = pa.scalar(self._now + FUTURE_ALLOWANCE, stamp.type)
            late = pc.fill_null(pc.greater(stamp, latest), False)
            for n in pc.indices_nonzero(late).to_pylist():
                faults.setdefault(n, (OUT_OF_RANGE, resource.version_at))
        count = len(items)
        system = {
            "_account_id": pa.repeat(page.account_id or None, count).cast(pa.string()),
            "_native_id": _joined([columns[name] for name in resource.key_columns]),
            "_version_at": stamp,
            "_is_deleted": _ended(resource, values, count),
            "_is_text_repaired": pa.array([n in repaired for n in range(count)]),
            "_payload": _payloads(resource, items),
        }
        return _table(resource, {**system, **columns}), faults

    def _landed(self, declared: Field, values: pa.Array) -> dict[str, pa.Array]:
        if declared.pii is None:
            return {declared.name: values}
        texts = values
        if declared.pii is PiiKind.PROFILE and not declared.has_own_network:
            texts = pc.binary_join_element_wise(pa.scalar(self._source.name), values, UNIT)
        hidden = self._hide.hide(declared.column, pa.chunked_array([texts]))
        return {column.name: array for column, array in zip(declared.landed, hidden, strict=False)}

    def _count(
        self, resource: Resource, items: list[dict[str, Any]], table: pa.Table, mapped: Mapped
    ) -> None:
        """Observations of the counters of a page: one row per counter and object."""
        metrics, count = self._source.resource(METRICS), table.num_rows
        values = _Values(items, {})
        found = {
            name: convert(ColumnType.DOUBLE, values.at(path))
            for name, path in resource.counters.items()
        }
        counts = pa.concat_arrays([counter.values for counter in found.values()])
        ids = table.column("_native_id").combine_chunks()
        columns = {
            "object_kind": pa.repeat(resource.name, len(counts)),
            "object_id": pa.concat_arrays([ids] * len(found)),
            "metric": pa.concat_arrays([pa.repeat(name, count) for name in found]),
            "breakdown": pa.nulls(len(counts), pa.string()),
            "period": pa.repeat(LIFETIME, len(counts)),
            "period_end_at": pa.nulls(len(counts), INSTANT),
            "slot": pa.repeat(self._slot, len(counts)),
            "value": counts,
            "reason": pc.if_else(pc.is_null(counts), "not_reported", None),
            "is_partial": _partial(resource, table, len(found)),
            "_account_id": pa.concat_arrays(table.column("_account_id").chunks * len(found)),
            "_is_deleted": pa.repeat(False, len(counts)),
            "_is_text_repaired": pa.repeat(False, len(counts)),
        }
        columns["_native_id"] = _joined([columns[name] for name in metrics.key_columns])
        observed = _table(metrics, columns)
        bad = [
            (place * count + n, Reject(METRICS, BAD_TYPE, items[n], name))
            for place, (name, counter) in enumerate(found.items())
            for n in counter.bad
        ]
        if bad:
            refused = {n for n, _ in bad}
            observed = observed.filter(pa.array(n not in refused for n in range(len(counts))))
            mapped.rejects += [reject for _, reject in bad]
        mapped.tables[metrics] = observed


def _table(resource: Resource, columns: Mapping[str, Any]) -> pa.Table:
    """The mapped table of these columns; None stands for a column without values."""
    schema = mapped_schema(resource)
    count = len(columns["_native_id"])
    found = ((f, columns.get(f.name)) for f in schema)
    arrays = [pa.nulls(count, f.type) if column is None else column for f, column in found]
    return pa.table(arrays, schema=schema)


class _Values:
    """The values of a page's objects by path; what several paths share is looked up once."""

    def __init__(self, items: list[dict[str, Any]], beside: Mapping[str, Any]) -> None:
        self._beside = beside
        self._found: dict[tuple[str, ...], list[Any]] = {(): items}

    def of(self, declared: Field) -> list[Any]:
        """The values of one field; `beside`: what the page itself says, of all."""
        if declared.name in self._beside:
            return [self._beside[declared.name]] * len(self._found[()])
        return self.at(declared.path or (declared.name,))

    def at(self, path: tuple[str, ...]) -> list[Any]:
        """What stands at a path of keys; None where a key is missing."""
        if path not in self._found:
            above, key = self.at(path[:-1]), path[-1]
            self._found[path] = [v.get(key) if type(v) is dict else None for v in above]
        return self._found[path]


def _partial(resource: Resource, table: pa.Table, times: int) -> pa.Array | None:
    """Which observations of a page the source knows only in part; None: it does not say."""
    if not resource.partial:
        return None
    return pa.concat_arrays([table.column(resource.partial).combine_chunks()] * times)


def _missing(values: pa.Array) -> list[int]:
    empty = pc.is_null(values)
    if pa.types.is_string(values.type):
        empty = pc.or_(empty, pc.fill_null(pc.equal(values, ""), False))
    return [] if not pc.any(empty).as_py() else pc.indices_nonzero(empty).to_pylist()


def _joined(columns: list[pa.Array]) -> pa.Array:
    """Keys as one text; a NULL part is empty."""
    texts = [pc.fill_null(_as_key(column), "") for column in columns]
    return texts[0] if len(texts) == 1 else pc.binary_join_element_wise(*texts, KEY_SEPARATOR)


def _as_key(column: pa.Array) -> pa.Array:
    """Instants as microseconds, whatever a time zone would make of them; the rest as text."""
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.int64())
    return column.cast(pa.string())


def _ended(resource: Resource, values: _Values, count: int) -> pa.Array:
    """Where the object says that it has ended: true, or any value that is no boolean."""
    if resource.ended is None:
        return pa.repeat(pa.scalar(False), count)
    found = convert(resource.ended.type, values.of(resource.ended)).values
    is_flag = pa.types.is_boolean(found.type)
    return pc.fill_null(found, False) if is_flag else pc.is_valid(found)


def _payloads(resource: Resource, items: list[dict[str, Any]]) -> pa.Array | None:
    """What stands at the top of each object and is not declared; NULL when there is nothing."""
    if not resource.has_payload:
        return None
    known = _known_keys(resource)
    left = [{k: v for k, v in item.items() if k not in known} for item in items]
    return pa.array(
        [json_text(rest).replace("\0", "") if rest else None for rest in left], pa.string()
    )


@cache
def _known_keys(resource: Resource) -> frozenset[str]:
    paths = [f.path or (f.name,) for f in resource.fields] + list(resource.counters.values())
    return frozenset(path[0] for path in paths if path) | resource.private
