from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from dlt.destinations.exceptions import DatabaseTerminalException
from dlt.destinations.impl.duckdb.duck import DuckDbCopyJob

from pipelines import failpoints
from pipelines.contract import ENTITIES
from pipelines.errors import ExitCode, RorError
from pipelines.loading import load_files, prepare_build
from pipelines.quarantine import discard, list_quarantine, release, show
from pipelines.results import FileStatus, SourceResult, Status
from pipelines.rows import ROW_GROUP_ROWS, canonical, row_groups
from pipelines.schema import OPERATIONAL_TABLES
from pipelines.spool import is_too_bad
from tests.support.drop import STAGED_MESSAGES, Drop, messages_csv

BAD = "{n},ann,no time,text {n}\n"


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path)
    drop.messages_feed()
    return drop


def _texts(drop: Drop) -> dict[int, str]:
    return dict(drop.rows(f"select message_id::int, text from ({STAGED_MESSAGES})"))


def _statuses(result: SourceResult) -> dict[str, FileStatus]:
    return {file.name: file.status for feed in result.feeds for file in feed.files}


def test_prepare_build_when_nothing_exists_then_all_tables_and_the_run(drop: Drop) -> None:
    run = drop.run()
    prepare_build(run)
    prepare_build(run)
    tables = {name for (name,) in drop.rows("select table_name from duckdb_tables()")}
    expected = {entity.name for entity in ENTITIES} | set(OPERATIONAL_TABLES)
    assert tables == expected | {"_dlt_loads", "current_run"}
    assert drop.rows("select run_id, as_of from ops.current_run") == [(run.run_id, run.as_of)]
    assert drop.settings.build_file.stat().st_mode & 0o777 == 0o600


def test_prepare_build_when_the_contract_gained_a_column_then_it_is_added(drop: Drop) -> None:
    prepare_build(drop.run())
    with duckdb.connect(str(drop.settings.build_file)) as con:
        con.execute("alter table raw_files.messages drop column rating")
    prepare_build(drop.run())
    assert drop.rows("select rating from raw_files.messages") == []


def test_load_when_no_feed_is_declared_then_nothing_and_empty_tables(tmp_path: Path) -> None:
    drop = Drop(tmp_path)
    result = load_files(drop.run())
    assert (result.status, result.feeds) == (Status.NOTHING, ())
    assert drop.rows("select count(*) from raw_files.messages") == [(0,)]


def test_load_when_file_comes_again_under_any_name_then_no_op(drop: Drop) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(10)))
    first = load_files(drop.run())
    assert (first.status, first.rows) == (Status.OK, {"messages": 10})
    drop.put("inbox", "copy.csv", messages_csv(range(10)))
    again = load_files(drop.run())
    assert (again.status, again.rows) == (Status.NOTHING, {})
    assert _statuses(again) == {"copy.csv": FileStatus.UNCHANGED}
    assert list((drop.settings.drop / "inbox").iterdir()) == []
    assert drop.rows("select count(*) from raw_files.messages") == [(10,)]
    assert drop.ledger.last_counts("raw")["raw_files.messages"] == 10


def test_load_when_snapshot_is_corrected_then_its_rows_replace_the_earlier_ones(
    drop: Drop,
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(10)))
    load_files(drop.run())
    drop.put("inbox", "a.csv", messages_csv(range(2, 9), text="new"))
    load_files(drop.run())
    assert _texts(drop) == {n: f"new {n}" for n in range(2, 9)}
    sequences = drop.rows("select _ingest_seq from raw_files.messages order by 1")
    assert [number for (number,) in sequences] == list(range(1, 18))


def test_load_when_row_lands_then_system_columns_say_where_it_came_from(drop: Drop) -> None:
    drop.put("inbox", "a.csv", "id,author,sent,text,extra\n7,@Ann,2026-02-01T10:00:00Z,hi,9\n")
    run = drop.run()
    load_files(run)
    ((native, feed, run_id, line, payload, author, load),) = drop.rows(
        "select _native_id, _feed, _run_id, _line_number, _payload, author_profile_id_key,"
        " _dlt_load_id in (select load_id from raw_files._dlt_loads) from raw_files.messages"
    )
    assert (native, feed, run_id, line, load) == ("x|7", "inbox", run.run_id, 2, True)
    assert json.loads(payload) == {"extra": "9"}
    with duckdb.connect(str(drop.settings.vault_file)) as con:
        found = con.execute("select kind, value from identifiers where subject_key = ?", [author])
        assert found.fetchall() == [("profile", "x|ann")]
    raw = b"".join(path.read_bytes() for path in drop.settings.dlt_folder.rglob("*.parquet"))
    assert raw == b""  # no rows are left in working directories


def test_load_when_content_differs_or_not_then_row_hash_tells(drop: Drop) -> None:
    drop.messages_feed(mode="append")
    drop.put("inbox", "a.csv", messages_csv([1, 2]))
    drop.put("inbox", "b.csv", messages_csv([2, 1]))
    drop.put("inbox", "c.csv", messages_csv([1], text="other"))
    load_files(drop.run())
    hashes = drop.rows(
        "select message_id, count(*), count(distinct _row_hash) from raw_files.messages"
        " group by 1 order by 1"
    )
    assert hashes == [("1", 3, 2), ("2", 2, 1)]


@pytest.mark.parametrize(
    ("rows", "bad", "limit", "expected"),
    [  # the examples of the specification, then the feeds' own limit
        (100_000, 1_000, 0.01, False),
        (100_000, 1_001, 0.01, True),
        (200, 9, 0.01, False),
        (200, 10, 0.01, True),
        (6, 4, 0.01, True),
        (4, 4, 0.01, False),
        (100, 20, 0.2, False),
        (100, 21, 0.2, True),
        (100, 100, 1.0, False),
        (0, 0, 0.01, False),
    ],
)
def test_is_too_bad_when_share_then_verdict(
    rows: int, bad: int, limit: float, expected: bool
) -> None:
    assert is_too_bad(rows, bad, limit) is expected


def test_load_when_few_rows_are_bad_then_they_wait_in_quarantine_and_the_rest_lands(
    drop: Drop,
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(8)) + BAD.format(n=8) + BAD.format(n=9))
    result = load_files(drop.run())
    assert result.status is Status.PARTIAL
    assert len(_texts(drop)) == 8
    rows = list_quarantine(drop.settings).to_pylist()
    assert [(row["reason"], row["field"], row["line_number"]) for row in rows] == [
        ("bad_type", "sent_at", 10),
        ("bad_type", "sent_at", 11),
    ]
    assert "payload" not in rows[0]
    assert drop.rows("select rows_read, rows_loaded, rows_rejected from raw_files.file_ledger") == [
        (10, 8, 2)
    ]
    drop.put("inbox", "a.csv", messages_csv(range(7)) + BAD.format(n=8) + BAD.format(n=9))
    load_files(drop.run())
    assert len(list_quarantine(drop.settings)) == 2  # the same rows are not added again


def test_load_when_too_many_rows_are_bad_then_file_is_rejected_whole_and_others_load(
    drop: Drop,
) -> None:
    drop.messages_feed("other")
    drop.put("inbox", "bad.csv", messages_csv(range(4)) + "".join(BAD.format(n=n) for n in range(6)))
    drop.put("other", "good.csv", messages_csv(range(100, 103)))
    result = load_files(drop.run())
    assert {feed.feed: feed.status for feed in result.feeds} == {
        "inbox": Status.FAILED,
        "other": Status.OK,
    }
    assert result.status is Status.PARTIAL
    assert sorted(_texts(drop)) == [100, 101, 102]
    assert len(list_quarantine(drop.settings)) == 6
    (report,) = (drop.settings.drop / "rejected" / "inbox").glob("*.report.json")
    found = json.loads(report.read_text())
    assert (found["reason"], found["rows_read"], found["rows_rejected"]) == ("bad_share", 10, 6)
    assert found["first"][0] == {
        "line_number": 6,
        "entity": "messages",
        "field": "sent_at",
        "reason": "bad_type",
    }
    assert "no time" not in report.read_text()
    assert [alert["rule"] for alert in drop.ledger.alerts()].count("source_failed") == 1
    assert load_files(drop.run()).status is Status.NOTHING


def test_load_when_snapshot_shrinks_by_more_than_half_then_only_with_consent(drop: Drop) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(10)))
    load_files(drop.run())
    drop.put("inbox", "a.csv", messages_csv(range(4)))
    refused = load_files(drop.run())
    assert refused.feeds[0].files[0].reason == "shrunk"
    assert len(_texts(drop)) == 10
    drop.put("inbox", "a.csv", messages_csv(range(4)))
    accepted = load_files(drop.run(), frozenset({"inbox/a.csv"}))
    assert accepted.status is Status.OK
    assert len(_texts(drop)) == 4


def test_load_when_a_feed_is_broken_or_missing_then_it_fails_alone(drop: Drop) -> None:
    drop.feed("feed: broken\nformat: csv\n", "broken")
    drop.put("nobody", "x.csv", "id\n1\n")
    drop.put("inbox", "a.csv", messages_csv(range(3)))
    result = load_files(drop.run())
    details = {feed.feed: feed.detail for feed in result.feeds}
    assert "entities" in details["broken"]
    assert "no feed is declared" in details["nobody"]
    assert (result.status, len(_texts(drop))) == (Status.PARTIAL, 3)


def test_load_when_raw_rows_are_missing_then_exit_65_until_recovered_from_the_archive(
    drop: Drop,
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(10)))
    drop.put("inbox", "b.csv", messages_csv(range(20, 25)))
    load_files(drop.run())
    drop.settings.build_file.unlink()
    with pytest.raises(RorError, match="rows below ledger: 0 of 2") as caught:
        load_files(drop.run())
    assert caught.value.code is ExitCode.DATA_REFUSED
    recovered = load_files(drop.run(), is_recovery=True)
    assert recovered.rows == {"messages": 15}
    assert sorted(_texts(drop)) == [*range(10), *range(20, 25)]


def test_load_when_older_build_file_and_a_newer_working_folder_then_nothing_is_skipped(
    drop: Drop, tmp_path: Path
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(5)))
    load_files(drop.run())
    shutil.copy(drop.settings.build_file, tmp_path / "backup")
    drop.put("inbox", "b.csv", messages_csv(range(5, 9)))
    load_files(drop.run())
    shutil.copy(tmp_path / "backup", drop.settings.build_file)
    load_files(drop.run(), is_recovery=True)
    assert sorted(_texts(drop)) == list(range(9))


def _refuse(is_bad: Callable[[pa.Table], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the destination refuse, for good, every job whose rows `is_bad` finds."""
    real = DuckDbCopyJob.run

    def run(job: Any) -> None:
        if is_bad(pa.parquet.read_table(job._file_path)):
            raise DatabaseTerminalException(ValueError("refused"))
        real(job)

    monkeypatch.setattr(DuckDbCopyJob, "run", run)


def test_load_when_build_file_refuses_one_file_then_the_others_land_and_it_is_named(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, first in (("a.csv", 0), ("b.csv", 10), ("c.csv", 20)):
        drop.put("inbox", name, messages_csv(range(first, first + 3)))
    _refuse(lambda rows: "text" in rows.column_names and "hello 10" in rows["text"].to_pylist(),
            monkeypatch)  # fmt: skip
    result = load_files(drop.run())
    assert _statuses(result) == {
        "a.csv": FileStatus.LOADED,
        "b.csv": FileStatus.REJECTED,
        "c.csv": FileStatus.LOADED,
    }
    assert sorted(_texts(drop)) == [0, 1, 2, 20, 21, 22]
    (row,) = list_quarantine(drop.settings).to_pylist()
    assert (row["reason"], row["file_name"]) == ("load_failed", "b.csv")


def test_load_when_a_pending_package_is_refused_then_its_files_are_read_again(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(3)))
    failpoints.arm("load.before=crash", testing=True)
    with pytest.raises(failpoints.SimulatedCrash):
        load_files(drop.run())
    failpoints.arm("", testing=True)
    with monkeypatch.context() as patch:
        refused: list[int] = []
        _refuse(lambda rows: not refused and (refused.append(1) or True), patch)
        result = load_files(drop.run())
    assert result.rows == {"messages": 3}
    assert sorted(_texts(drop)) == [0, 1, 2]
    (row,) = list_quarantine(drop.settings).to_pylist()
    assert (row["reason"], row["file_name"]) == ("load_failed", "a.csv")


def test_load_when_the_disk_is_full_then_exit_73_and_the_next_run_completes(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(3)))

    def full(job: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(DuckDbCopyJob, "run", full)
        with pytest.raises(RorError, match="disk full") as caught:
            load_files(drop.run())
    assert caught.value.code is ExitCode.CANNOT_WRITE
    assert load_files(drop.run()).status is Status.OK
    assert sorted(_texts(drop)) == [0, 1, 2]


def test_release_when_the_feed_was_corrected_then_rows_load_as_a_file_of_their_own(
    drop: Drop,
) -> None:
    strange = "7,ann,01.02.2026 10:00,late\n"
    drop.put("inbox", "a.csv", messages_csv(range(5)) + strange + BAD.format(n=8))
    load_files(drop.run())
    feed = drop.settings.feeds_folder / "inbox.yml"
    feed.write_text(feed.read_text() + 'date_formats: ["%d.%m.%Y %H:%M"]\n')
    (archived,) = release(drop.settings, reason="bad_type")
    assert archived.exists()
    assert len(list_quarantine(drop.settings)) == 0
    load_files(drop.run())
    assert _texts(drop)[7] == "late"
    (row,) = list_quarantine(drop.settings).to_pylist()  # the one that is still wrong is back
    assert row["line_number"] == 2
    assert json.loads(show(drop.settings, row["quarantine_id"][:10])["payload"])["id"] == "8"


def test_discard_when_row_then_its_payload_is_gone_and_it_never_returns(drop: Drop) -> None:
    content = messages_csv(range(5)) + BAD.format(n=8)
    drop.put("inbox", "a.csv", content)
    load_files(drop.run())
    (row,) = list_quarantine(drop.settings).to_pylist()
    discard(drop.settings, row["quarantine_id"])
    assert drop.rows("select payload, action from raw_files.quarantine") == [(None, "discarded")]
    drop.put("inbox", "a.csv", content + "\n")
    load_files(drop.run())
    assert len(list_quarantine(drop.settings)) == 0
    with pytest.raises(RorError, match="no such row"):
        show(drop.settings, "0" * 64)


def test_release_when_rows_need_their_line_then_exit_65(drop: Drop) -> None:
    feed = drop.settings.feeds_folder / "inbox.yml"
    feed.write_text(feed.read_text().replace("message_id: id", "message_id: $line"))
    drop.put("inbox", "a.csv", messages_csv(range(5)) + BAD.format(n=8))
    load_files(drop.run())
    with pytest.raises(RorError, match="place in the file"):
        release(drop.settings, reason="bad_type")


def test_row_groups_when_tables_of_any_size_then_groups_of_duckdbs_size_in_order() -> None:
    sizes = [1, 0, ROW_GROUP_ROWS, 2 * ROW_GROUP_ROWS + 5, 7]
    starts = [sum(sizes[:n]) for n in range(len(sizes))]
    tables = [pa.table({"n": range(s, s + size)}) for s, size in zip(starts, sizes, strict=True)]
    groups = list(row_groups(tables))
    assert [g.num_rows for g in groups] == [ROW_GROUP_ROWS] * 3 + [13]
    assert pa.concat_tables(groups)["n"].to_pylist() == list(range(sum(sizes)))


def test_canonical_when_keys_are_in_any_order_then_one_text() -> None:
    assert canonical('{"b": 1, "a": "é"}') == canonical('{"a":"é","b":1}') == '{"a":"é","b":1}'
    assert canonical("no json") == "no json"
