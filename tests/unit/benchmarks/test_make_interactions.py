from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from benchmarks.make_interactions import AS_OF, write_base, write_increment
from pipelines.files.feeds import load_feed
from pipelines.files.read import read_file
from pipelines.settings import Settings

INTERACTIONS, NEW = 20_000, 1_000


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bench")
    write_base(folder, INTERACTIONS)
    write_increment(folder, INTERACTIONS, NEW)
    return folder


def test_base_when_written_then_its_parts_have_the_declared_sizes(home: Path) -> None:
    counts = {
        feed: duckdb.sql(f"select count(*) from '{home}/drop/{feed}/{file}.parquet'").fetchone()
        for feed, file in (
            ("messages", "messages_0*"), ("reactions", "*"), ("posts", "*"), ("orders", "*"),
            ("contacts", "*"), ("accounts", "*"),
        )
    }  # fmt: skip

    assert counts == {
        "messages": (19_000,), "reactions": (800,), "posts": (200,), "orders": (1_200,),
        "contacts": (800,), "accounts": (20,),
    }  # fmt: skip


def test_messages_when_threaded_then_parents_stand_before_them_in_the_same_thread(
    home: Path,
) -> None:
    row = duckdb.sql(
        f"""
        with m as (from '{home}/drop/messages/messages_0*.parquet')
        select
            avg((m.parent_message_id is not null)::int),
            count(*) filter (m.parent_message_id is not null and p.message_id is null),
            count(*) filter (p.sent_at > m.sent_at or p.thread_id <> m.thread_id
                             or p.network <> m.network or p.account_id <> m.account_id)
        from m left join m as p on p.message_id = m.parent_message_id
        """
    ).fetchone()

    assert row is not None
    assert row[0] == pytest.approx(0.6, abs=0.02)
    assert row[1:] == (0, 0)


def test_increment_when_written_then_it_holds_new_late_and_corrected_rows(home: Path) -> None:
    row = duckdb.sql(
        f"""
        with old as (from '{home}/drop/messages/messages_0*.parquet'),
        new as (from '{home}/drop/messages/messages_increment.parquet')
        select
            count(*), count(distinct message_id),
            count(*) filter (message_id in (select message_id from old)),
            count(*) filter (text like '%(edit)'),
            count(*) filter (sent_at < timestamptz '2026-06-20' and text not like '%(edit)') > 0,
            count(*) filter (parent_message_id in (select message_id from old)
                             and message_id not in (select message_id from old)),
            bool_and(updated_at < timestamptz '{AS_OF}')
        from new
        """
    ).fetchone()

    assert row == (1_000, 1_000, 50, 50, True, 250, True)


def test_files_when_read_by_the_product_then_no_row_is_refused(home: Path) -> None:
    settings = Settings(home=home, as_of=AS_OF)
    for path in sorted((home / "drop").glob("*/*.parquet")):
        feed = load_feed(home / "feeds" / f"{path.parent.name}.yml")
        rejected = sum(b.rejected_records for b in read_file(feed, path, path.name, settings))

        assert rejected == 0, path.name
