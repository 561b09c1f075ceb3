import logging
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from expectations.measures import personal_data_query
from expectations.records import CheckRequest
from expectations.suites import CheckLine, DeclaredCheck
from expectations.warehouse import NotMeasuredError, Warehouse
from tests.support.raw import RawWarehouse

CANARY = "ann.canary@example.org"


@pytest.mark.parametrize(
    ("value", "is_personal"),
    [
        (CANARY, True),
        ("write to ann.smith+shop@mail.example.co.uk please", True),
        ("call +39 02 1234 5678", True),
        ("(555) 123-4567", True),
        ("4111 1111 1111 1111", True),
        ("card 378282246310005.", True),
        ("card no.4111111111111111", True),
        ('{"r": 0.4111111111111111, "alpha": 4111111111111111.5}', False),  # fitted parameters
        ("@delta", False),
        ("a @ b", False),
        ("2026-07-01 10:00:00", False),
        ("p_4111111111111111", False),
        ("0123456789abcdef0123456789abcdef", False),
        ("23850123456780123", False),  # an advertising campaign's 17 digits
        ("order 1234567890", False),
        ("", False),
    ],
)
def test_personal_data_when_a_text_is_looked_at_then_found_or_not(
    value: str, is_personal: bool
) -> None:
    with duckdb.connect() as con:
        con.execute("create table t as select ? as note", [value])
        found = con.execute(f"select {personal_data_query(['note'], 't')}").fetchone()
    assert found == (1 if is_personal else 0,)


def test_personal_data_when_an_id_is_all_digits_then_only_addresses_count() -> None:
    with duckdb.connect() as con:
        con.execute("create table t as select '4111111111111111' as order_id")
        con.execute(f"insert into t values ('{CANARY}')")
        found = con.execute(f"select {personal_data_query(['order_id'], 't')}").fetchone()
    assert found == (1,)


def request(path: Path, run_id: str = "run-2") -> CheckRequest:
    return CheckRequest("raw", str(path), run_id, datetime(2026, 7, 1, tzinfo=UTC))


def message(number: int, **more: object) -> dict[str, object]:
    return {
        "message_id": str(number),
        "network": "x",
        "message_kind": "mention",
        "direction": "inbound",
        "sent_at": "2026-06-30 10:00:00+00",
    } | more


def note_file(raw: RawWarehouse, feed: str, run_id: str) -> None:
    with duckdb.connect(str(raw.path)) as con:
        con.execute(
            "insert into raw_files.file_ledger by name select ? as feed, 'a.csv' as file_name,"
            " 'h' as file_hash, 'snapshot' as mode, 0 as rows_read, 0 as rows_loaded,"
            " 0 as rows_rejected, now() as loaded_at, ? as run_id, 1 as ingest_seq",
            [feed, run_id],
        )


def test_arrived_when_rows_landed_in_an_earlier_run_only_then_false(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", [message(1, _run_id="run-1")])
    with Warehouse(request(raw.path)) as warehouse:
        assert not warehouse.arrived("raw_files", "messages")


def test_arrived_when_a_file_without_rows_came_for_its_feed_then_true(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", [message(1, _run_id="run-1")])  # feed: messages
    note_file(raw, "messages", "run-2")
    note_file(raw, "orders", "run-2")
    with Warehouse(request(raw.path)) as warehouse:
        assert warehouse.arrived("raw_files", "messages")
        assert not warehouse.arrived("raw_files", "orders")  # never fed by that feed so far


def check(**words: object) -> DeclaredCheck:
    line = {
        "name": "tested",
        "tables": ["messages"],
        "expectation": "expect_measure_to_be_between",
        "warn": {"above": 1},
        "because": "A reason that is long enough.",
    } | words
    return DeclaredCheck(
        f"raw_files.messages.{line['name']}", "raw_files", "raw_files", "messages",
        CheckLine.model_validate(line),
    )  # fmt: skip


def test_measure_when_one_line_fails_then_the_others_are_measured_and_no_value_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    raw = RawWarehouse(tmp_path)
    raw.land("messages", [message(1, text=CANARY), message(2, text="4")])
    with caplog.at_level(logging.DEBUG), Warehouse(request(raw.path)) as warehouse:
        numbers = warehouse.measure(
            [
                check(name="bad_cast", measure="max(text::integer)"),
                check(name="bad_name", measure="max(no_such_column)"),
                check(name="good", measure="count(*)"),
                check(name="also_good", query="select count(*) from $rows where text = '4'"),
            ]
        )
    assert numbers["raw_files.messages.good"] == 2
    assert numbers["raw_files.messages.also_good"] == 1
    broken = numbers["raw_files.messages.bad_cast"]
    assert isinstance(broken, NotMeasuredError)
    assert str(broken) == "could not be measured (ConversionException)"
    assert CANARY not in caplog.text


def test_warehouse_when_open_then_the_file_cannot_be_written(tmp_path: Path) -> None:
    raw = RawWarehouse(tmp_path)
    with Warehouse(request(raw.path)) as warehouse:
        found = warehouse.measure([check(name="good", measure="count(*)")])
        assert found == {"raw_files.messages.good": 0}
        with pytest.raises(Exception, match="read-only"):
            warehouse.connection.exec_driver_sql("delete from raw_files.messages")
    with duckdb.connect(str(raw.path)) as con:  # and it is free afterwards
        con.execute("delete from raw_files.messages")


def test_warehouse_when_the_file_is_missing_or_no_database_then_os_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="does not exist"):
        Warehouse(request(tmp_path / "none.duckdb"))
    damaged = tmp_path / "damaged.duckdb"
    damaged.write_text("no database" * 1000, encoding="utf-8")
    with pytest.raises(OSError, match="cannot be opened"):
        Warehouse(request(damaged))
