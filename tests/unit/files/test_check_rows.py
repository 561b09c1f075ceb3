from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipelines.contract import entity
from pipelines.files.read import FileRefused
from pipelines.schema import ARROW_TYPES
from tests.unit.files.reading import make_feed, order_feed, read_all, read_rows, write

HEAD = "id,at,sum,currency,state\n"


def _reasons(rejects: list[dict[str, Any]]) -> list[tuple[str, str | None, int]]:
    return [(r["reason"], r["field"], r["line_number"]) for r in rejects]


def test_accepted_rows_have_every_contract_column_in_order(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", HEAD + "o1,2026-01-01,1,EUR,\n")
    tables, _, _ = read_all(order_feed(), path)
    columns = [(c.name, ARROW_TYPES[c.type]) for c in entity("orders").columns]
    system = [
        ("_line_number", pa.int64()),
        ("_version_at", pa.timestamp("us", "UTC")),
        ("_is_deleted", pa.bool_()),
        ("_is_text_repaired", pa.bool_()),
        ("_is_text_cut", pa.bool_()),
        ("_payload", pa.string()),
    ]
    assert [(f.name, f.type) for f in tables["orders"].schema] == columns + system


def test_row_without_a_required_value_is_quarantined_with_its_record(tmp_path: Path) -> None:
    body = ",2026-01-01,1,EUR,a\n  ,2026-01-01,1,EUR,b\no3,2026-01-01,,EUR,c\no4,2026-01-01,1,,d\n"
    tables, rejects, batches = read_all(order_feed(), write(tmp_path / "a.csv", HEAD + body))
    assert _reasons(rejects) == [
        ("missing_key", "order_id", 2),
        ("missing_key", "order_id", 3),
        ("missing_key", "gross_minor", 4),
        ("missing_key", "currency", 5),
    ]
    assert json.loads(rejects[2]["payload"]) == {
        "id": "o3", "at": "2026-01-01", "sum": "", "currency": "EUR", "state": "c",
    }  # fmt: skip
    assert (tables["orders"].num_rows, batches[0].rejected_records) == (0, 4)


def test_value_outside_the_allowed_list_or_below_the_minimum_is_quarantined(tmp_path: Path) -> None:
    feed = order_feed(columns={"status": "state"})
    body = (
        "o1,2026-01-01,1,EUR,paid\no2,2026-01-01,1,EUR,PAID\n"
        "o3,2026-01-01,-1,EUR,paid\no4,2026-01-01,1,euro,\n"
    )
    tables, rejects, _ = read_all(feed, write(tmp_path / "a.csv", HEAD + body))
    assert tables["orders"]["order_id"].to_pylist() == ["o1"]
    assert _reasons(rejects) == [
        ("not_allowed", "status", 3),
        ("out_of_range", "gross_minor", 4),
        ("not_allowed", "currency", 5),
    ]


def test_map_replaces_values_and_refuses_those_it_does_not_list(tmp_path: Path) -> None:
    feed = order_feed(
        columns={"status": {"from": "state", "map": {"P": "paid", "": "placed", "X": None}}}
    )
    body = "".join(f"o{i},2026-01-01,1,EUR,{s}\n" for i, s in enumerate(["P", "", "X", "Q"]))
    tables, rejects, _ = read_all(feed, write(tmp_path / "a.csv", HEAD + body))
    assert tables["orders"]["status"].to_pylist() == ["paid", "placed", None]
    assert _reasons(rejects) == [("not_allowed", "status", 5)]
    other = order_feed(columns={"status": {"from": "state", "map": {"P": "paid", "*": "test"}}})
    rows = read_rows(other, tmp_path / "a.csv")
    assert [r["status"] for r in rows] == ["paid", None, "test", "test"]


def test_boolean_outside_the_feeds_lists_is_quarantined(tmp_path: Path) -> None:
    feed = make_feed(
        {"contact_id": "id", "consent_marketing": "ok"},
        "contacts",
        true_values=("ja",),
        false_values=("nein",),
    )
    path = write(tmp_path / "a.csv", "id,ok\n1,ja\n2,nein\n3,\n4,yes\n5,1\n")
    tables, rejects, _ = read_all(feed, path)
    assert tables["contacts"]["consent_marketing"].to_pylist() == [True, False, None]
    assert _reasons(rejects) == [
        ("bad_type", "consent_marketing", 5),
        ("bad_type", "consent_marketing", 6),
    ]


def test_source_list_takes_the_first_that_is_not_empty(tmp_path: Path) -> None:
    columns = {"company_id": "id", "name": {"from": ["short", "long", "other"]}}
    feed = make_feed(columns, "companies",
                     null_values=("", "n/a"))  # fmt: skip
    path = write(tmp_path / "a.csv", "id,short,long\n1,a,b\n2,,b\n3,n/a,\n")
    assert [r["name"] for r in read_rows(feed, path)] == ["a", "b", None]


def test_expression_sees_headers_as_text_and_pseudo_headers(tmp_path: Path) -> None:
    feed = make_feed(
        {
            "company_id": {"expression": 'lower("Firm name") || \'-\' || "$line"'},
            "name": {
                "expression": "list_transform(split(\"Firm name\", ' '), lambda w: upper(w))[1]"
            },
            "domain": "$file",
            "industry": {"expression": '"missing value" is null'},
        },
        "companies",
    )
    path = write(tmp_path / "firms.2026.csv", "Firm name,missing value\nAcme Ltd,\n")
    row = read_rows(feed, path)[0]
    assert (row["company_id"], row["name"], row["domain"], row["industry"], row["_payload"]) == (
        "acme ltd-2", "ACME", "firms.2026", "true", None,
    )  # fmt: skip


def test_expression_that_gives_a_number_is_read_as_one_whatever_the_feeds_signs(
    tmp_path: Path,
) -> None:
    doubled = "cast(replace(sum, ',', '.') as decimal(12, 3)) * 2"
    columns = {"gross_minor": {"expression": doubled}}
    feed = order_feed(delimiter=";", decimal=",", thousands=".", columns=columns)
    path = write(
        tmp_path / "a.csv", "id;at;sum;currency\no1;2026-01-01;0,617;EUR\no2;2026-01-01;0,615;EUR\n"
    )
    tables, rejects, _ = read_all(feed, path)
    assert tables["orders"]["gross_minor"].to_pylist() == [123]  # 1.230
    assert _reasons(rejects) == [("bad_type", "gross_minor", 2)]  # 1.234 has three decimals


@pytest.mark.parametrize(
    ("expression", "shown"),
    [
        ('cast("b" as integer)', "companies.name: ConversionException"),
        ('"nowhere"', "nowhere"),
        ("upper(", "companies.name"),
        ("(select 1)", "a subquery"),
        ("row_number() over ()", "a window"),
        ("read_text('/etc/passwd')", "companies.name"),
        ("1; drop table x", "companies.name"),
        ("1) from (select 2", "companies.name"),
        ('max("b")', "companies.name"),
    ],
)
def test_expression_that_fails_refuses_the_file_and_never_shows_a_value(
    tmp_path: Path, expression: str, shown: str
) -> None:
    feed = make_feed({"company_id": "a", "name": {"expression": expression}}, "companies")
    with pytest.raises(FileRefused) as refused:
        read_all(feed, write(tmp_path / "a.csv", "a,b\n1,secret-value\n"))
    assert refused.value.reason in ("bad_expression", "missing_headers")
    assert shown in str(refused.value)
    assert "secret-value" not in str(refused.value)


def test_one_record_feeds_several_entities_and_where_chooses(tmp_path: Path) -> None:
    feed = order_feed(where="\"state\" <> 'lead'")
    both = feed.model_validate(
        feed.model_dump(by_alias=True)
        | {
            "entities": [
                *feed.model_dump(by_alias=True)["entities"],
                {"entity": "companies", "columns": {"company_id": "state"}},
            ]
        }
    )
    body = "o1,2026-01-01,1,EUR,firm\n,,,,lead\no3,bad,1,EUR,firm\no4,bad,1,EUR,\n"
    tables, rejects, batches = read_all(both, write(tmp_path / "a.csv", HEAD + body))
    assert tables["orders"]["order_id"].to_pylist() == ["o1"]
    assert tables["companies"]["company_id"].to_pylist() == ["firm", "lead", "firm"]
    assert [(r["entity"], r["reason"], r["line_number"]) for r in rejects] == [
        ("orders", "bad_type", 4),
        ("companies", "missing_key", 5),
    ]
    assert (batches[0].rows_read, batches[0].rejected_records) == (4, 2)


def test_version_is_the_mapped_one_else_updated_at_else_the_period_of_the_name(
    tmp_path: Path,
) -> None:
    body = (
        "id,at,sum,currency,seen,gone\n"
        "o1,2026-01-01,1,EUR,2026-02-02T00:00:00Z,x\no2,2026-01-01,1,EUR,,\n"
    )
    path = write(tmp_path / "orders_2026-03.csv", body)
    period = r"_(\d{4}-\d{2})"
    feed = order_feed(
        version="seen", deleted="\"gone\" = 'x'", period=period, time_zone="Europe/Rome"
    )
    rows = read_rows(feed, path)
    march = datetime(2026, 2, 28, 23, tzinfo=UTC)
    assert [r["_version_at"] for r in rows] == [datetime(2026, 2, 2, tzinfo=UTC), march]
    assert [r["_is_deleted"] for r in rows] == [True, False]
    rows = read_rows(order_feed(columns={"updated_at": "seen"}), path)
    assert [r["_version_at"] for r in rows] == [datetime(2026, 2, 2, tzinfo=UTC), None]


def test_texts_are_normalised_and_unusable_characters_replaced(tmp_path: Path) -> None:
    feed = make_feed({"company_id": "a", "name": "b"}, "companies", encoding="utf-8")
    path = write(
        tmp_path / "a.csv",
        b"a,b\n1,e\xcc\x81\n2,nul\x00here\n3,bad\xffbyte\n4\xff,key\n5,fine\n6,\n7,\n",
    )
    tables, rejects, _ = read_all(feed, path)
    rows = tables["companies"].to_pylist()
    assert [r["name"] for r in rows] == [
        "\u00e9",
        "nul\ufffdhere",
        "bad\ufffdbyte",
        "fine",
        None,
        None,
    ]
    assert [r["_is_text_repaired"] for r in rows] == [False, True, True, False, False, False]
    assert [(r["reason"], r["action"], r["line_number"]) for r in rejects] == [
        ("text_repaired", "repaired", 3),
        ("text_repaired", "repaired", 4),
        ("bad_type", "rejected", 5),
    ]


def test_text_of_parquet_that_is_no_utf8_is_repaired(tmp_path: Path) -> None:
    table = pa.table({"a": ["1", "2"], "b": pa.array([b"ok\xff", "й".encode()], pa.binary())})
    pq.write_table(table, tmp_path / "a.parquet")
    feed = make_feed({"company_id": "a", "name": "b"}, "companies", format="parquet")
    rows = read_rows(feed, tmp_path / "a.parquet")
    assert [(r["name"], r["_is_text_repaired"]) for r in rows] == [("ok\ufffd", True), ("й", False)]


def test_long_texts_are_cut_between_characters_and_large_records_refused(tmp_path: Path) -> None:
    feed = make_feed({"company_id": "a", "name": "b", "domain": "c"}, "companies")
    long, huge = "я" * 200_000, "x" * (1024 * 1024)
    path = write(tmp_path / "a.csv", f"a,b,c\n1,{long},\n2,{huge},y\n3,short,\n")
    tables, rejects, batches = read_all(feed, path)
    rows = tables["companies"].to_pylist()
    assert [(r["company_id"], r["_is_text_cut"]) for r in rows] == [("1", True), ("3", False)]
    assert rows[0]["name"] == "я" * (256 * 1024 // 2)
    assert {(r["reason"], r["line_number"]) for r in rejects} == {("text_cut", 2), ("too_large", 3)}
    assert max(len(r["payload"]) for r in rejects if r["reason"] == "too_large") < 5_000
    assert (batches[0].rows_read, batches[0].rejected_records) == (3, 1)
