from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from pipelines.contract import ENTITIES
from pipelines.schema import OPERATIONAL_TABLES
from pipelines.sources.files import files


class _OneTable:
    def tables(self, name: str) -> Iterator[pa.Table]:
        if name == "orders":
            yield pa.table({"order_id": ["1", "2"]})


def test_files_when_made_then_one_appending_resource_per_raw_table() -> None:
    source = files(_OneTable())
    names = [entity.name for entity in ENTITIES] + list(OPERATIONAL_TABLES)
    assert list(source.resources) == names
    assert {r.write_disposition for r in source.resources.values()} == {"append"}
    assert source.max_table_nesting == 0


def test_files_when_read_then_only_tables_with_rows_yield() -> None:
    source = files(_OneTable())
    assert [table.num_rows for table in source.resources["orders"]] == [2]
    assert list(source.resources["messages"]) == []
