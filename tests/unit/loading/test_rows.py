from __future__ import annotations

import pyarrow as pa

from pipelines.loading.rows import ROW_GROUP_ROWS, canonical, row_groups


def test_row_groups_when_tables_of_any_size_then_groups_of_duckdbs_size_in_order() -> None:
    sizes = [1, 0, ROW_GROUP_ROWS, 2 * ROW_GROUP_ROWS + 5, 7]
    starts = [sum(sizes[:n]) for n in range(len(sizes))]
    tables = [
        pa.table({"n": pa.array(range(start, start + size), pa.int64())})
        for start, size in zip(starts, sizes, strict=True)
    ]
    groups = list(row_groups(tables))
    assert [g.num_rows for g in groups] == [ROW_GROUP_ROWS] * 3 + [13]
    assert pa.concat_tables(groups)["n"].to_pylist() == list(range(sum(sizes)))


def test_canonical_when_keys_are_in_any_order_then_one_text() -> None:
    assert canonical('{"b": 1, "a": "é"}') == canonical('{"a":"é","b":1}') == '{"a":"é","b":1}'
    assert canonical("no json") == "no json"
