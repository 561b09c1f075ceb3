# ruff: noqa: DTZ001 - cells of a workbook have no zone
from __future__ import annotations

import datetime as dt
import gzip
import json
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from pipelines.files.read import FileRefused
from tests.unit.files.reading import make_feed, order_feed, read_all, read_rows, write

COLUMNS = {"company_id": "a", "name": "b"}


def test_read_jsonl_keeps_nested_values_as_json_and_unknown_keys_as_payload(tmp_path: Path) -> None:
    feed = make_feed(COLUMNS | {"domain": "c"}, "companies", format="jsonl")
    record = {"a": "1", "b": {"x": [1, "é"]}, "c": True, "d": {"deep": 1.50}, "A": None}
    rows = read_rows(feed, write(tmp_path / "a.jsonl", json.dumps(record) + "\n\n" + '{"a":"2"}\n'))
    assert (rows[0]["name"], rows[0]["domain"]) == ('{"x":[1,"é"]}', "true")
    assert json.loads(rows[0]["_payload"]) == {"d": {"deep": 1.5}, "A": None}
    assert (rows[1]["name"], rows[1]["_payload"], rows[1]["_line_number"]) == (None, None, 3)


def test_read_jsonl_refuses_lines_that_are_no_plain_objects(tmp_path: Path) -> None:
    feed = make_feed(COLUMNS, "companies", format="jsonl")
    bad = {
        "<html>": "not_an_object",
        "null": "not_an_object",
        "[1]": "not_an_object",
        "12": "not_an_object",
        '{"a": "1"': "not_an_object",
        '{"a": "1", "a": "2"}': "duplicate_keys",
        '{"a": "1", "b": ' + "[" * 70 + "]" * 70 + "}": "too_complex",
        '{"a": "1", "b": ' + "[" * 100_000 + "]" * 100_000 + "}": "too_complex",
        json.dumps({"a": "1"} | {f"k{i}": i for i in range(2_001)}): "too_complex",
        json.dumps({"a": "1", "b": "x" * 1_100_000}): "too_large",
    }
    path = write(tmp_path / "a.jsonl", "\n".join([*bad, '{"a": "ok"}']))
    tables, rejects, batches = read_all(feed, path)
    assert tables["companies"]["company_id"].to_pylist() == ["ok"]
    assert [(r["line_number"], r["reason"]) for r in rejects] == list(enumerate(bad.values(), 1))
    assert all(len(r["payload"]) < 2_000 for r in rejects)
    assert (batches[0].rows_read, batches[0].rejected_records) == (len(bad) + 1, len(bad))


def test_read_jsonl_accepts_forty_levels_and_two_thousand_keys(tmp_path: Path) -> None:
    feed = make_feed(COLUMNS, "companies", format="jsonl")
    record = {"a": "1", "b": json.loads("[" * 40 + "]" * 40)} | {f"k{i}": i for i in range(1_998)}
    rows = read_rows(feed, write(tmp_path / "a.jsonl", json.dumps(record)))
    assert (rows[0]["name"], len(json.loads(rows[0]["_payload"]))) == ("[" * 40 + "]" * 40, 1_998)


@pytest.mark.parametrize(
    ("number", "minor", "reason"),
    [
        ("12.10", 1_210, None),
        ("1234567890123456.78", 123_456_789_012_345_678, None),  # exact: never a double
        ("12", 1_200, None),
        ("0.123", None, "bad_type"),
        ("NaN", None, "bad_type"),
        ("1e2", None, "bad_type"),
        ('"12,10"', 1_210, None),
        ('"12.10"', None, "bad_type"),
    ],
)
def test_read_jsonl_takes_money_as_it_is_written(
    tmp_path: Path, number: str, minor: int | None, reason: str | None
) -> None:
    line = f'{{"id":"o1","at":"2026-01-01","sum":{number},"currency":"EUR"}}'
    feed = order_feed(format="jsonl", decimal=",")
    tables, rejects, _ = read_all(feed, write(tmp_path / "a.jsonl", line))
    assert tables["orders"]["gross_minor"].to_pylist() == ([] if minor is None else [minor])
    assert [r["reason"] for r in rejects] == ([] if reason is None else [reason])


def test_read_jsonl_keeps_long_ids_and_refuses_fractions(tmp_path: Path) -> None:
    feed = make_feed(COLUMNS, "companies", format="jsonl")
    path = write(tmp_path / "a.jsonl", '{"a":1234567890123456789012}\n{"a":3.0}\n{"a":"3.0"}\n')
    tables, rejects, _ = read_all(feed, path)
    assert tables["companies"]["company_id"].to_pylist() == ["1234567890123456789012", "3.0"]
    assert [(r["reason"], r["line_number"]) for r in rejects] == [("bad_type", 2)]


def test_read_jsonl_with_lone_surrogates_repairs_them(tmp_path: Path) -> None:
    feed = make_feed(COLUMNS, "companies", format="jsonl")
    path = write(
        tmp_path / "a.jsonl", '{"a":"1","b":"x\\ud800y","z":"\\udfff"}\n{"a":"2","b":"\\u0000"}\n'
    )
    rows = read_rows(feed, path)
    assert [(r["name"], r["_is_text_repaired"]) for r in rows] == [
        ("x\ufffdy", True),
        ("\ufffd", True),
    ]


def test_read_jsonl_joins_lists_by_semicolon(tmp_path: Path) -> None:
    feed = make_feed({"contact_id": "id", "emails": "mails"}, "contacts", format="jsonl")
    path = write(
        tmp_path / "a.jsonl", '{"id":"1","mails":["a@b.c","d@e.f"]}\n{"id":"2","mails":"x@y.z"}\n'
    )
    assert [r["emails"] for r in read_rows(feed, path)] == ["a@b.c;d@e.f", "x@y.z"]


@pytest.mark.parametrize("is_1904", [False, True])
def test_read_xlsx_gives_values_and_dates_of_both_epochs(tmp_path: Path, is_1904: bool) -> None:
    book = openpyxl.Workbook()
    if is_1904:
        book.epoch = CALENDAR_MAC_1904
    sheet = book.active
    assert sheet is not None
    for row in (
        ["id", "at", "sum", "currency", "paid", None],
        ["o1", dt.datetime(2024, 2, 29, 13, 30), 29.33, "USD", True],
        [],
        [7, dt.date(2024, 3, 1), 12, "USD", "no"],
        ["o3", dt.datetime(2024, 3, 1), 1, "USD", None, "beyond"],
        [1.5, dt.datetime(2024, 3, 1), 1, "USD"],
    ):
        sheet.append(row)
    book.create_sheet("other")
    book.save(tmp_path / "a.xlsx")
    feed = order_feed(format="xlsx", decimal=",")
    tables, rejects, _ = read_all(feed, tmp_path / "a.xlsx")
    rows = tables["orders"].to_pylist()
    assert [
        (r["order_id"], r["ordered_at"], r["gross_minor"], r["_line_number"]) for r in rows
    ] == [
        ("o1", dt.datetime(2024, 2, 29, 13, 30, tzinfo=dt.UTC), 2_933, 2),
        ("7", dt.datetime(2024, 3, 1, tzinfo=dt.UTC), 1_200, 4),
    ]
    assert json.loads(rows[0]["_payload"]) == {"paid": "true"}
    assert [(r["reason"], r["line_number"]) for r in rejects] == [
        ("ragged_row", 5),
        ("bad_type", 6),
    ]
    with pytest.raises(FileRefused, match="missing_sheet"):
        read_all(order_feed(format="xlsx", sheet="absent"), tmp_path / "a.xlsx")


def test_read_xlsx_that_is_none_refuses_it(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="not_a_workbook"):
        read_all(order_feed(format="xlsx"), write(tmp_path / "a.xlsx", "id,at\n"))


def test_read_parquet_uses_typed_columns_and_keeps_numbers_as_ids(tmp_path: Path) -> None:
    table = pa.table(
        {
            "a": pa.array([2**60, 5], pa.int64()),
            "b": pa.array(["x", "y"]).dictionary_encode(),
            "c": pa.array([["p", "q"], None], pa.list_(pa.string())),
            "extra": pa.array([1.5, None]),
        }
    )
    pq.write_table(table, tmp_path / "a.parquet")
    feed = make_feed(
        {"contact_id": "a", "owner_id": "b", "phones": "c"}, "contacts", format="parquet"
    )
    rows = read_rows(feed, tmp_path / "a.parquet")
    assert [(r["contact_id"], r["owner_id"], r["phones"]) for r in rows] == [
        (str(2**60), "x", "p;q"),
        ("5", "y", None),
    ]
    assert [json.loads(r["_payload"])["extra"] for r in rows] == [1.5, None]
    with pytest.raises(FileRefused, match="not_parquet"):
        read_all(feed, write(tmp_path / "b.parquet", "no"))


def test_read_parquet_in_several_batches_counts_lines_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.files.parquet.BATCH_ROWS", 1_000)
    ids = [str(i) for i in range(1, 2_501)]
    pq.write_table(pa.table({"a": ids, "b": ids}), tmp_path / "a.parquet")
    tables, _, batches = read_all(
        make_feed(COLUMNS, "companies", format="parquet"), tmp_path / "a.parquet"
    )
    assert [b.rows_read for b in batches] == [1_000, 1_000, 500]
    assert tables["companies"]["_line_number"].to_pylist() == list(range(1, 2_501))


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "xlsx"])
def test_read_file_compressed_gives_the_same_rows(tmp_path: Path, kind: str) -> None:
    plain = tmp_path / f"a.{kind}"
    match kind:
        case "csv":
            write(plain, "a,b\n1,x\n")
        case "jsonl":
            write(plain, '{"a":"1","b":"x"}\n')
        case "parquet":
            pq.write_table(pa.table({"a": ["1"], "b": ["x"]}), plain)
        case _:
            book = openpyxl.Workbook()
            sheet = book.active
            assert sheet is not None
            sheet.append(["a", "b"])
            sheet.append(["1", "x"])
            book.save(plain)
    packed = write(tmp_path / f"a.{kind}.gz", gzip.compress(plain.read_bytes()))
    feed = make_feed(COLUMNS, "companies", format=kind)
    assert read_rows(feed, packed) == read_rows(feed, plain)
    assert read_rows(feed, plain)[0]["name"] == "x"


def test_read_file_that_is_a_bomb_or_cut_off_is_refused(tmp_path: Path) -> None:
    feed = make_feed(COLUMNS, "companies")
    bomb = write(tmp_path / "a.csv.gz", gzip.compress(b"a,b\n" + b"1,x\n" * 10_000_000))
    with pytest.raises(FileRefused, match="compression_ratio"):
        read_all(feed, bomb)
    with pytest.raises(FileRefused, match="too_large"):
        read_all(feed, bomb, max_file_mb=1)
    whole = gzip.compress(
        b"a,b\n" + bytes(f"1,{list(range(5_000))!r}\n".replace(", ", ""), "ascii")
    )
    with pytest.raises(FileRefused, match="damaged_archive"):
        read_all(feed, write(tmp_path / "b.csv.gz", whole[:-20]))
    with pytest.raises(FileRefused, match="damaged_archive"):
        read_all(feed, write(tmp_path / "c.csv.gz", "not gzip"))
