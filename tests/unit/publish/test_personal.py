from __future__ import annotations

import duckdb
import pytest

from pipelines.publish.personal import PersonalFinding, is_card_number, personal_data
from pipelines.tables import types_in


def searched(con: duckdb.DuckDBPyConnection) -> list[PersonalFinding]:
    return personal_data(con, "t", types_in(con, "memory")["main", "t"])


def _found(column: str, value: str, kind: str = "varchar") -> list[tuple[str, str, int]]:
    with duckdb.connect() as con:
        con.execute(f'create table t ("{column}" {kind}, row_number integer)')
        con.execute("insert into t select unnest([?, ?, null]), 1", [value, "harmless"])
        return [(finding.column, finding.kind, finding.value_count) for finding in searched(con)]


@pytest.mark.parametrize(
    "value",
    [
        "ann.smith@example.org",
        "write to <Ann_S+news@mail.example.co.uk> today",
        "мария@пример.рф",
        '{"from":"ann@example.org"}',
    ],
)
def test_personal_data_with_an_address_then_found(value: str) -> None:
    assert _found("note", value) == [("note", "an e-mail address", 1)]
    assert _found("contact_id", value) == [("contact_id", "an e-mail address", 1)]


@pytest.mark.parametrize(
    "value",
    [
        "+39 02 1234 5678",
        "+79161234567",
        "8 (495) 123-45-67",
        "call 212-555-0187.",
        "(212)555-0187",
    ],
)
def test_personal_data_with_a_phone_number_then_found(value: str) -> None:
    assert _found("note", value) == [("note", "a phone number", 1)]


# Test numbers that card networks publish for integrations.
@pytest.mark.parametrize(
    "value",
    ["4111 1111 1111 1111", "5555-5555-5555-4444", "378282246310005", "x 6011111111111117."],
)
def test_personal_data_with_a_card_number_then_found(value: str) -> None:
    assert _found("note", value) == [("note", "a card number", 1)]


@pytest.mark.parametrize(
    "value",
    [
        "A***@example.org",
        "2026-07-01 02:00:04+00",
        "2026-07-01T02:00:04.123456+10:30",
        "20260701T020000Z-7f3a",
        "4111111111111112",  # wrong check digit
        "570301031407624196",  # a message id of 18 digits
        "d41d8cd98f00b204e9800998ecf8427e",
        "@brand answered",
        "1.2.3 of 10-20-30",
        "100 000 000",
        "0.12345678901234",
    ],
)
def test_personal_data_with_what_only_resembles_it_then_nothing(value: str) -> None:
    assert _found("note", value) == []


def test_personal_data_in_allowed_columns_then_nothing() -> None:
    assert _found("email_masked", "ann@example.org") == []
    assert _found("message_id", "4111111111111111") == []
    assert _found("phone_key", "+39 02 1234 5678") == []


def test_personal_data_in_nested_columns_then_found() -> None:
    with duckdb.connect() as con:
        con.execute(
            "create table t as select ['a', 'ann@example.org'] as names,"
            " {'call': '+39 02 1234 5678'} as details, 7 as number"
        )
        assert searched(con) == [
            PersonalFinding("names", "an e-mail address", 1),
            PersonalFinding("details", "a phone number", 1),
        ]


def test_is_card_number_of_other_issuers_lengths_then_false() -> None:
    assert is_card_number("4222222222222")
    assert not is_card_number("41111111111111")
    assert not is_card_number("1234567812345670")
