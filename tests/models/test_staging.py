"""The staging rule: of all landed versions the newest, of complete loads and of files that still count."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from pipelines.contract import ENTITIES
from tests.support.acts import build, inbound, record_file, rows
from tests.support.raw import RawWarehouse

STAGED = [f"stg_files__{item.name}" for item in ENTITIES]


def contact(contact_id: str, country: str, **more: object) -> dict[str, object]:
    return {"contact_id": contact_id, "country": country} | more


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("staging"))
    raw.land(
        "contacts",
        [
            contact("newer wins", "IT", updated_at="2026-01-02 00:00:00+00"),
            contact("newer wins", "DE", updated_at="2026-01-01 00:00:00+00"),
            contact("dated beats undated", "IT", updated_at="2026-01-01 00:00:00+00"),
            contact("dated beats undated", "DE"),
            contact("deletion beats its equal", "IT", _is_deleted=True),
            contact("deletion beats its equal", "DE"),
            contact("later in the file wins", "DE"),
            contact("later in the file wins", "IT"),
            contact("loaded twice", "IT", _dlt_id="same"),
            contact("loaded twice", "IT", _dlt_id="same"),
        ],
    )
    raw.land("contacts", [contact("never completed", "IT")], committed=False)
    # A snapshot file, and a day later a file of the same name without two of its rows.
    old = raw.land(
        "contacts",
        [
            contact("stays", "DE", _feed="crm"),
            contact("goes", "IT", _feed="crm"),
            contact("goes here, stays elsewhere", "DE", _feed="crm"),
        ],
        file="old",
    )
    record_file(raw, old, "contacts.csv", "old", feed="crm", sequence=raw.sequence - 2)
    other = raw.land(
        "contacts",
        [
            contact("goes here, stays elsewhere", "IT", _feed="crm", _version_at="2020-01-01"),
        ],
        file="other",
    )
    record_file(raw, other, "others.csv", "other", feed="crm", sequence=raw.sequence)
    new = raw.land("contacts", [contact("stays", "IT", _feed="crm")], file="new")
    record_file(raw, new, "contacts.csv", "new", feed="crm", sequence=raw.sequence)
    raw.land("messages", [inbound("1", "10:00:00", "ann", _is_deleted=True)])
    raw.land(
        "post_metrics",
        [
            {"post_id": "p", "network": "x", "metric": "views", "value": value, "observed_at": at}
            for value, at in ((5, "2026-01-01"), (9, "2026-01-02"), (8, "2026-01-02"))
        ],
    )
    for stage in ("open", "won", "open"):
        raw.land("deals", [{"deal_id": "d", "stage_category": stage, "stage": stage}])
    con = build(raw, *STAGED, "stg_files__deal_versions")
    yield con
    con.close()


def test_staging_when_keys_have_versions_then_one_row_each_by_the_total_order(
    first_night: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        first_night,
        "select contact_id, country, is_deleted from staging.stg_files__contacts"
        " where not contains(contact_id, 'stays') and contact_id <> 'goes' order by 1",
    )
    assert found == [
        ("dated beats undated", "IT", False),
        ("deletion beats its equal", "IT", True),
        ("later in the file wins", "IT", False),
        ("loaded twice", "IT", False),
        ("newer wins", "IT", False),
    ]


def test_staging_when_a_file_is_replaced_then_its_missing_keys_are_deleted_by_the_new_load(
    first_night: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        first_night,
        "select contact_id, country, is_deleted, deleted_at::date::varchar, load_id"
        " from staging.stg_files__contacts"
        " where contains(contact_id, 'stays') or contact_id = 'goes' order by 1",
    )
    assert found == [
        ("goes", "IT", True, "2026-02-02", "1700000005.0"),
        ("goes here, stays elsewhere", "IT", False, None, "1700000005.0"),
        ("stays", "IT", False, None, "1700000005.0"),
    ]


def test_staging_when_a_message_is_deleted_then_its_text_is_gone(
    first_night: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(first_night, "select is_deleted, text from staging.stg_files__messages")
    assert found == [(True, None)]


def test_post_metrics_when_observed_again_then_both_observations_stay(
    first_night: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        first_night,
        "select observed_at::date::varchar, value from staging.stg_files__post_metrics order by 1",
    )
    assert found == [("2026-01-01", 5.0), ("2026-01-02", 8.0)]


def test_deal_versions_when_a_deal_is_won_and_opened_again_then_all_states_stay_in_order(
    first_night: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        first_night,
        "select version_number, stage_category from staging.stg_files__deal_versions order by 1",
    )
    assert found == [(1, "open"), (2, "won"), (3, "open")]


def test_staging_when_compared_with_the_contract_then_every_column_is_there(
    first_night: duckdb.DuckDBPyConnection,
) -> None:
    own = {"source", "native_id", "observed_at", "is_deleted", "deleted_at", "load_id"}
    for item in ENTITIES:
        found = {
            name
            for (name,) in rows(
                first_night,
                f"select column_name from duckdb_columns() where table_name = 'stg_files__{item.name}'",
            )
        }
        assert own <= found, item.name
        # Ids of persons land as keys, some columns say so in their name; none may get lost.
        assert len(found - own) >= len([c for c in item.columns if c.name != "observed_at"])


def test_staging_when_a_home_is_empty_then_all_models_build_with_no_rows(tmp_path: Path) -> None:
    with build(RawWarehouse(tmp_path), *STAGED, "responses", "interactions") as con:
        for table in (f"staging.{name}" for name in STAGED):
            assert rows(con, f"select count(*) from {table}") == [(0,)]
        assert rows(con, "select count(*) from marts.interactions") == [(0,)]
        assert rows(con, "select count(*) from marts.responses") == [(0,)]
