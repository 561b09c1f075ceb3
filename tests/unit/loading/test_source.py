from __future__ import annotations

import errno
import json
import shutil
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.loading import load_files
from pipelines.loading.quarantine import list_quarantine
from pipelines.loading.results import FileStatus, SourceResult, Status
from pipelines.privacy import Vault
from tests.support.drop import MESSAGES_FEED, NOW, Drop, bad_line, messages_csv


@pytest.fixture
def drop(tmp_path: Path) -> Drop:
    drop = Drop(tmp_path)
    drop.messages_feed()
    return drop


def _statuses(result: SourceResult) -> dict[str, FileStatus]:
    return {file.name: file.status for feed in result.feeds for file in feed.files}


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
    assert drop.ledger.last_counts("raw_files")["raw_files.messages"] == 10


def test_load_when_snapshot_is_corrected_then_its_rows_replace_the_earlier_ones(
    drop: Drop,
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(10)))
    load_files(drop.run())
    drop.put("inbox", "a.csv", messages_csv(range(2, 9), text="new"))
    load_files(drop.run())
    assert drop.texts() == {n: f"new {n}" for n in range(2, 9)}
    sequences = drop.rows("select _ingest_seq from raw_files.messages order by 1")
    assert [number for (number,) in sequences] == list(range(1, 18))


@pytest.mark.long
def test_load_when_an_earlier_content_is_put_back_then_it_counts_again(drop: Drop) -> None:
    for ids in (range(4), range(6), range(4)):
        drop.put("inbox", "a.csv", messages_csv(ids))
        load_files(drop.run())
    assert drop.texts() == {n: f"hello {n}" for n in range(4)}
    assert load_files(drop.run()).status is Status.NOTHING
    drop.settings.build_file.unlink()
    load_files(drop.run(), is_recovery=True)
    assert drop.texts() == {n: f"hello {n}" for n in range(4)}


@pytest.mark.parametrize("mode", ["snapshot", pytest.param("append", marks=pytest.mark.long)])
def test_load_when_the_feed_reads_otherwise_then_what_counts_is_read_again(
    drop: Drop, mode: str
) -> None:
    drop.messages_feed(mode=mode)
    drop.put("inbox", "a.csv", messages_csv(range(4)))
    load_files(drop.run())
    drop.put("inbox", "a.csv", messages_csv(range(5), text="later"))
    load_files(drop.run())
    declared = MESSAGES_FEED.format(name="inbox", mode=mode)
    drop.feed(declared.replace("text: text", "text: author"), "inbox")
    result = load_files(drop.run())
    assert result.rows == {"messages": 5 if mode == "snapshot" else 9}
    assert drop.texts() == {n: f"ann{n % 3}" for n in range(5)}
    seen = "select distinct _run_id, _observed_at from raw_files.messages order by 1"
    runs = drop.rows(seen)
    assert runs[-1][1] in [when for _, when in runs[:-1]]  # when it was first seen stays
    drop.feed(declared.replace("text: text", "text: author") + "expected_every_days: 1\n", "inbox")
    assert load_files(drop.run()).status is Status.NOTHING


def test_load_when_a_day_is_asked_for_again_then_only_its_files_are_read(drop: Drop) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(3)))
    load_files(drop.run())
    drop.clock.sleep(86_400)
    drop.put("inbox", "b.csv", messages_csv(range(3, 5)))
    load_files(drop.run())
    before = drop.texts()
    result = load_files(drop.run(), again=frozenset({NOW.date() - timedelta(days=1)}))
    assert result.rows == {"messages": 3}
    assert drop.texts() == before
    assert load_files(drop.run(), again=frozenset({date(2020, 1, 1)})).status is Status.NOTHING


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


def test_load_when_the_vault_cannot_be_written_then_no_row_lands(
    drop: Drop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(vault: Vault, identifiers: pa.Table) -> None:
        raise OSError(errno.EIO, "input/output error")

    drop.put("inbox", "a.csv", messages_csv(range(3)))
    with monkeypatch.context() as patch:
        patch.setattr(Vault, "upsert", broken)
        with pytest.raises(OSError, match="input/output"):
            load_files(drop.run())
    assert drop.rows("select count(*) from raw_files.messages") == [(0,)]
    assert load_files(drop.run()).rows == {"messages": 3}


def test_load_when_few_rows_are_bad_then_they_wait_in_quarantine_and_the_rest_lands(
    drop: Drop,
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(8)) + bad_line(8) + bad_line(9))
    result = load_files(drop.run())
    assert result.status is Status.PARTIAL
    assert len(drop.texts()) == 8
    (group,) = list_quarantine(drop.settings)
    assert (group.feed, group.entity, group.field, group.reason) == (
        "inbox", "messages", "sent_at", "bad_type",
    )  # fmt: skip
    assert (group.rows, group.first_file, group.first_line) == (2, "a.csv", 10)
    assert drop.rows("select rows_read, rows_loaded, rows_rejected from raw_files.file_ledger") == [
        (10, 8, 2)
    ]
    drop.put("inbox", "a.csv", messages_csv(range(7)) + bad_line(8) + bad_line(9))
    load_files(drop.run())
    assert drop.waiting() == 2  # the same rows are not added again


def test_load_when_too_many_rows_are_bad_then_file_is_rejected_whole_and_others_load(
    drop: Drop,
) -> None:
    drop.messages_feed("other")
    drop.put("inbox", "bad.csv", messages_csv(range(4)) + "".join(bad_line(n) for n in range(6)))
    drop.put("other", "good.csv", messages_csv(range(100, 103)))
    result = load_files(drop.run())
    assert {feed.feed: feed.status for feed in result.feeds} == {
        "inbox": Status.FAILED,
        "other": Status.OK,
    }
    assert result.status is Status.PARTIAL
    assert sorted(drop.texts()) == [100, 101, 102]
    assert drop.waiting() == 6
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
    assert len(drop.texts()) == 10
    drop.put("inbox", "a.csv", messages_csv(range(4)))
    accepted = load_files(drop.run(), frozenset({"inbox/a.csv"}))
    assert accepted.status is Status.OK
    assert len(drop.texts()) == 4


def test_load_when_a_feed_is_broken_or_missing_then_it_fails_alone(drop: Drop) -> None:
    drop.feed("feed: broken\nformat: csv\n", "broken")
    drop.put("nobody", "x.csv", "id\n1\n")
    drop.put("inbox", "a.csv", messages_csv(range(3)))
    result = load_files(drop.run())
    details = {feed.feed: feed.detail for feed in result.feeds}
    assert "entities" in details["broken"]
    assert "no feed is declared" in details["nobody"]
    assert (result.status, len(drop.texts())) == (Status.PARTIAL, 3)


def test_load_when_raw_rows_are_missing_then_exit_65_until_recovered_from_the_archive(
    drop: Drop,
) -> None:
    drop.put("inbox", "a.csv", messages_csv(range(10)))
    drop.put("inbox", "b.csv", messages_csv(range(20, 25)))
    load_files(drop.run())
    drop.settings.build_file.unlink()
    with pytest.raises(RorError, match="messages: rows below ledger: 0 of 15 and 2 more") as caught:
        load_files(drop.run())
    assert caught.value.code is ExitCode.DATA_REFUSED
    recovered = load_files(drop.run(), is_recovery=True)
    assert recovered.rows == {"messages": 15}
    assert sorted(drop.texts()) == [*range(10), *range(20, 25)]


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
    assert sorted(drop.texts()) == list(range(9))
