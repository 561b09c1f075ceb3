from __future__ import annotations

import csv
import json
import time
from pathlib import Path

import duckdb
import pyarrow.parquet
import pytest

from pipelines import query
from pipelines.errors import ExitCode, RorError
from pipelines.publish import PublishedTable, publish
from pipelines.settings import Settings
from tests.support.publishing import TABLES, build, home, run_of

ODD = PublishedTable(
    "marts",
    "odd_values",
    (("label", "Text."), ("amount", "Number."), ("said_at", "Instant.")),
    "One row per odd value. They come from the world.",
)
ODD_SQL = """
    create or replace table marts.odd_values as
    select * from (values
        ('plain', 10, timestamptz '2026-07-01 00:00:00+02'),
        ('=1+2', -5, null),
        ('  @sum', null, null),
        ('+39', 0, null),
        (null, 1234567, null)
    ) t(label, amount, said_at)"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = home(tmp_path_factory.mktemp("home"))
    build(made, 0, ODD_SQL)
    publish(run_of(made, 0), [*TABLES, ODD])
    return made


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_run_query_as_a_table_then_aligned_with_nulls_shown(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert query.run_query(settings, "select label, amount from marts.odd_values") == ""
    assert _lines(capsys) == [
        "label    amount",
        "──────  ───────",
        "plain        10",
        "=1+2         -5",
        "  @sum     NULL",
        "+39           0",
        "NULL    1234567",
    ]


def test_run_query_as_a_table_with_a_limit_then_the_rest_is_counted(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    query.run_query(settings, "select range as n from range(7)", row_limit=2)
    assert _lines(capsys) == ["n", "─", "0", "1", "… 5 more rows"]
    query.run_query(settings, "select range as n from range(7)", row_limit=0)
    assert len(_lines(capsys)) == 9


def test_run_query_as_a_table_with_dangerous_text_then_shown_and_not_obeyed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    query.run_query(
        settings, "select 'a' || chr(27) || '[2J' || chr(8238) || 'b' as x, repeat('ж', 99) as y"
    )
    row = _lines(capsys)[2]
    assert row.startswith("a\\u001b[2J\\u202eb  ")
    assert row.endswith("ж" * 59 + "…")


def test_run_query_as_a_table_with_wide_and_right_to_left_text_then_columns_stay_aligned(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    query.run_query(settings, "select unnest(['日本', 'ab', 'שלום']) as x, 1 as n")
    head, _, *rows = _lines(capsys)
    assert head == "x     n"
    assert rows == ["日本  1", "ab    1", "\u2068שלום\u2069  1"]


def test_run_query_as_csv_then_text_that_a_spreadsheet_would_run_is_disarmed(
    settings: Settings, tmp_path: Path
) -> None:
    out = tmp_path / "odd.csv"
    line = query.run_query(
        settings, 'select *, true as "=flag" from marts.odd_values', kind="csv", out=out
    )
    assert line == f"5 rows in {out}"
    run_id = run_of(settings, 0).run_id
    with out.open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [
            ["label", "amount", "said_at", "run_id", "'=flag"],
            ["plain", "10", "2026-06-30 22:00:00Z", run_id, "true"],
            ["'=1+2", "-5", "", run_id, "true"],
            ["'  @sum", "", "", run_id, "true"],
            ["'+39", "0", "", run_id, "true"],
            ["", "1234567", "", run_id, "true"],
        ]


def test_run_query_as_json_then_objects_with_types(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    query.run_query(
        settings,
        "select 1 as a, 'я' as a, null as n, sum(range) as total, 1.5::decimal(4, 2) as half,"
        " 'nan'::double as nan, [1, 2] as many, {'k': date '2026-07-01'} as nested,"
        " timestamptz '2026-07-01 02:00:00+02' as said_at from range(4)",
        kind="json",
    )
    assert json.loads(capsys.readouterr().out) == [
        {
            "a": 1, "a_2": "я", "n": None, "total": 6, "half": 1.5, "nan": None, "many": [1, 2],
            "nested": {"k": "2026-07-01"}, "said_at": "2026-07-01T00:00:00Z",
        }
    ]  # fmt: skip


def test_run_query_as_json_without_rows_then_an_empty_array(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    query.run_query(settings, "select 1 as a where false", kind="json")
    assert json.loads(capsys.readouterr().out) == []


def test_run_query_as_parquet_then_types_are_kept(settings: Settings, tmp_path: Path) -> None:
    out = tmp_path / "odd.parquet"
    query.run_query(
        settings, "select amount, said_at, amount from marts.odd_values", kind="parquet", out=out
    )
    table = pyarrow.parquet.read_table(out)
    assert table.column_names == ["amount", "said_at", "amount_2"]
    assert table.column("amount").to_pylist() == [10, -5, None, 0, 1234567]
    assert str(table.schema.field("said_at").type) == "timestamp[us, tz=UTC]"
    assert [path.name for path in tmp_path.iterdir()] == ["odd.parquet"]


@pytest.mark.parametrize(("kind", "out"), [("parquet", None), ("xml", None)])
def test_run_query_with_a_wrong_format_then_exit_64(
    settings: Settings, kind: str, out: Path | None
) -> None:
    with pytest.raises(RorError) as caught:
        query.run_query(settings, "select 1", kind=kind, out=out)
    assert caught.value.code is ExitCode.USAGE


def test_run_query_into_a_missing_folder_then_exit_73(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(RorError, match="No such file") as caught:
        query.run_query(settings, "select 1", kind="csv", out=tmp_path / "absent" / "x.csv")
    assert caught.value.code is ExitCode.CANNOT_WRITE


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('/etc/passwd')",
        "select * from read_text('/etc/passwd')",
        "select * from read_blob('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from glob('/*')",
        "select * from parquet_scan('http://127.0.0.1/x.parquet')",
        "copy (select 1) to '/tmp/ror_sandbox_probe.csv'",
        "copy marts.people from '/etc/passwd'",
        "attach '/tmp/ror_sandbox_probe.duckdb'",
        "export database '/tmp/ror_sandbox_probe'",
        "install httpfs",
        "load httpfs",
        "set threads = 1",
        "reset memory_limit",
        "set enable_external_access = true",
        "pragma version",
        "pragma database_list",
        "call pragma_version()",
        "select getenv('HOME')",
        "select current_setting('memory_limit')",
        "select * from duckdb_settings()",
        "from pg_settings",
        "with s as (from DUCKDB_SETTINGS()) select (select count(*) from s)",
        "from query('select * from duckdb_settings()')",
        "from query_table('marts.people')",
        "from reader",  # a variable of ours
        "create temp table t as select 1",
        "delete from marts.people",
        "drop table marts.people",
        "prepare p as select 1",
        "use memory",
        "checkpoint",
        "begin",
        "select 1; select 2",
        "",
        "-- nothing",
        "selec 1",
        "select * from marts.absent",
        "select '" + "(" * 5000,
        "select 'a\x00b'",
        "select '\ud800'",
    ],
)
def test_run_query_with_sql_that_does_more_than_read_tables_then_exit_64_in_one_line(
    settings: Settings, sql: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(RorError) as caught:
        query.run_query(settings, sql)
    assert caught.value.code is ExitCode.USAGE
    assert "\n" not in caught.value.line()
    assert len(caught.value.line()) <= 200
    assert capsys.readouterr().out == ""
    assert not list(Path("/tmp").glob("ror_sandbox_probe*"))


@pytest.mark.parametrize(
    "sql",
    [
        "from marts.people select count(*)",
        "with a as (select 1 as x) select x from a",
        "describe marts.people",
        "summarize marts.people",
        "values (1), (2)",
        "select list_transform([1, 2], lambda x: x + 1) -- a comment",
        "select 1;",
    ],
)
def test_run_query_with_any_way_to_read_then_it_runs(
    settings: Settings, sql: str, capsys: pytest.CaptureFixture[str]
) -> None:
    query.run_query(settings, sql)
    assert len(_lines(capsys)) >= 3


@pytest.mark.parametrize(
    "sql",
    [
        "select sum(a.range * b.range) from range(1000000) a, range(1000000) b",
        "select a.range from range(100000000) a, range(1000000) b",
    ],
)
def test_run_query_beyond_its_time_then_exit_75_soon(settings: Settings, sql: str) -> None:
    started = time.monotonic()
    with pytest.raises(RorError, match=r"stopped after 0\.5 seconds") as caught:
        query.run_query(settings, sql, seconds=0.5, kind="csv", out=Path("/dev/shm/ror_probe.csv"))
    assert caught.value.code is ExitCode.TRY_AGAIN
    assert time.monotonic() - started < 20
    assert not Path("/dev/shm/ror_probe.csv").exists()


def test_run_query_beyond_its_memory_then_exit_73(settings: Settings) -> None:
    with pytest.raises(RorError, match="needs more than 64 MiB") as caught:
        query.run_query(
            settings, "select count(distinct md5(range::varchar)) from range(5000000)", memory_mb=64
        )
    assert caught.value.code is ExitCode.CANNOT_WRITE
    assert [path.name for path in settings.served_file.parent.glob("*.tmp*")] == []


def test_run_query_with_a_failing_cast_then_the_line_holds_no_value(settings: Settings) -> None:
    with pytest.raises(RorError, match="Conversion Error") as caught:
        query.run_query(settings, "select label::integer from marts.odd_values")
    assert "plain" not in caught.value.line()


def test_run_query_before_the_first_publication_then_exit_69(tmp_path: Path) -> None:
    with pytest.raises(RorError, match="nothing is published yet") as caught:
        query.run_query(home(tmp_path), "select 1")
    assert caught.value.code is ExitCode.UNAVAILABLE
    assert list(tmp_path.iterdir()) == []


def test_run_query_then_another_reader_may_have_the_file_open(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(path.name for path in settings.served_file.parent.iterdir())
    query.run_query(settings, "select 1")
    with duckdb.connect(str(settings.served_file), read_only=True) as con:
        assert con.execute("select count(*) from marts.people").fetchone() == (50,)
    assert sorted(path.name for path in settings.served_file.parent.iterdir()) == before
    capsys.readouterr()


def test_tables_then_rows_and_the_first_sentence(settings: Settings) -> None:
    found = {
        f"{table.schema}.{table.name}": (table.rows, table.text) for table in query.tables(settings)
    }
    assert found["marts.odd_values"] == (5, "One row per odd value.")
    assert found["marts.people"] == (50, "One row per person.")
    assert found["ops.publication"][0] == 1
    assert sorted(name.partition(".")[0] for name in found) == ["marts"] * 3 + ["ops"] * 5 + [
        "reference"
    ]
