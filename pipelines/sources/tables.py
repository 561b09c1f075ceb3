"""Checked rows as a dlt source: one append-only resource per raw table."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import dlt
import pyarrow as pa
from dlt.extract import DltResource, DltSource


def landing_source(
    name: str, tables: Iterable[str], rows_of: Callable[[str], Iterator[pa.Table]]
) -> DltSource:
    """The dlt source of one system. `rows_of`: Arrow tables of a raw table, in landing order.

    All resources always exist; those without rows yield nothing. Nothing is overwritten: staging
    reads committed loads only, each `_dlt_id` once, and chooses.
    """

    @dlt.source(
        name=name,
        max_table_nesting=0,
        schema_contract={"tables": "evolve", "columns": "evolve", "data_type": "freeze"},
    )
    def source() -> Iterable[DltResource]:
        for table in tables:
            yield dlt.resource(rows_of(table), name=table, write_disposition="append")

    return source()
