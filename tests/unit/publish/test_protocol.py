from __future__ import annotations

import json
import re
import stat
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import duckdb
import pytest

from pipelines import failpoints
from pipelines.errors import ExitCode, RorError
from pipelines.publish import PublishedTable, publish
from tests.support.publishing import ROWS, TABLES, build, home, run_of, served_night


def test_publish_on_the_first_night_then_readers_find_every_declared_column_and_no_other(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    run = run_of(settings, 0)
    publication = publish(run, TABLES, {"files": datetime(2026, 6, 30, tzinfo=UTC)})
    assert served_night(settings) == (run.run_id, 0)
    assert publication.path == settings.published / run.run_id / "warehouse.duckdb"
    assert publication.tables["marts.responses"] == ROWS
    with duckdb.connect(str(settings.served_file.resolve()), read_only=True) as con:
        columns = con.execute(
            "select column_name from duckdb_columns() where table_name = 'responses'"
            " order by column_index"
        ).fetchall()
        assert columns == [("response_id",), ("network",), ("night",), ("run_id",)]
        schemas = con.execute("select distinct schema_name from duckdb_tables()").fetchall()
        assert sorted(schemas) == [("marts",), ("ops",), ("reference",)]
        catalogue = con.execute("select distinct database_name from duckdb_tables()").fetchall()
        assert catalogue == [("warehouse",)]


def test_publish_with_an_order_then_rows_lie_in_it(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    publish(run_of(settings, 0), TABLES)
    with duckdb.connect(str(settings.served_file.resolve()), read_only=True) as con:
        found = con.execute("select network, response_id from marts.responses").fetchall()
    assert found == sorted(found, key=lambda row: (row[0] is None, row[0] or "", row[1]))


def test_publish_of_descriptions_then_comments_stand_on_tables_and_columns(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    publish(run_of(settings, 0), TABLES)
    with duckdb.connect(str(settings.served_file.resolve()), read_only=True) as con:
        comment = con.execute(
            "select comment from duckdb_tables() where table_name = 'responses'"
        ).fetchone()
        bare = con.execute(
            "select table_name, column_name from duckdb_columns()"
            " where comment is null and not internal"
        ).fetchall()
    assert comment == ('One row per turn that needs a reply. It\'s the "clock" of presence.',)
    assert bare == []


def test_publish_of_the_ledger_then_this_run_shows_as_publishing_and_its_watermark(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    publish(run_of(settings, 0), TABLES)
    run_of(settings, 0).ledger.finish_run(run_of(settings, 0).run_id, "ok")
    build(settings, 1)
    run = run_of(settings, 1)
    with run.ledger.phase(run.run_id, "build"):
        pass
    publish(run, TABLES, {"files": datetime(2026, 6, 30, tzinfo=UTC)})
    with duckdb.connect(str(settings.served_file.resolve()), read_only=True) as con:
        con.execute("set TimeZone = 'UTC'")
        runs = con.execute("select status, git_sha from ops.runs order by run_id").fetchall()
        phases = con.execute("select phase, result from ops.phases").fetchall()
        facts = con.execute(
            "select run_id, source, watermark::varchar, as_of::varchar, git_sha"
            " from ops.publication"
        ).fetchall()
    assert runs == [("ok", "abc123"), ("publishing", "abc123")]
    assert phases == [("build", "ok")]
    assert facts == [
        (run.run_id, "files", "2026-06-30 00:00:00+00", "2026-07-02 00:00:00+00", "abc123")
    ]


def test_publish_then_the_manifest_proves_the_file_and_nobody_can_write_it(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    run = run_of(settings, 0)
    publish(run, TABLES)
    folder = settings.published / run.run_id
    manifest = json.loads((folder / "manifest.json").read_text())
    content = (folder / "warehouse.duckdb").read_bytes()
    assert manifest["sha256"] == sha256(content).hexdigest()
    assert manifest["byte_count"] == len(content)
    assert manifest["tables"]["marts.people"]["rows"] == ROWS
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "warehouse.duckdb"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o444}
    assert (settings.published / "current").readlink() == Path(run.run_id)
    assert str(tmp_path).encode() not in content
    assert b"private text" not in content
    assert run.ledger.publications()[0]["sha256"] == manifest["sha256"]


def test_publish_then_the_file_has_the_format_that_all_1x_clients_read(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    publish(run_of(settings, 0), TABLES)
    with duckdb.connect(str(settings.served_file.resolve()), read_only=True) as con:
        tag = con.execute(
            "select tags['storage_version'] from duckdb_databases() where not internal"
        ).fetchone()
    assert tag == ("v1.0.0+",)
    # Bytes 8 to 11 of a DuckDB file are its magic, the version follows: 64 since 1.0.
    head = settings.served_file.read_bytes()[:20]
    assert head[8:12] == b"DUCK"
    assert int.from_bytes(head[12:20], "little") == 64


def test_publish_of_empty_tables_then_they_are_there_with_their_types(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(
        settings, 0,
        "create or replace table marts.people"
        " (person_id varchar, name_masked varchar, night integer)",
    )  # fmt: skip
    publication = publish(run_of(settings, 0), TABLES)
    assert publication.tables["marts.people"] == 0
    with duckdb.connect(str(settings.served_file.resolve()), read_only=True) as con:
        types = con.execute(
            "select data_type from duckdb_columns() where table_name = 'people'"
            " order by column_index"
        ).fetchall()
    assert types == [("VARCHAR",), ("VARCHAR",), ("INTEGER",), ("VARCHAR",)]


@pytest.mark.parametrize(
    ("table", "where", "why"),
    [
        (PublishedTable("marts", "absent", (("a", ""),), ""), "marts.absent", "is no table"),
        (PublishedTable("marts", "people", (("age", ""),), ""), "marts.people", "column age"),
    ],
)
def test_publish_of_what_the_build_lacks_then_exit_20_and_nothing_is_left(
    tmp_path: Path, table: PublishedTable, where: str, why: str
) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    with pytest.raises(RorError, match=why) as caught:
        publish(run_of(settings, 0), [table])
    assert (caught.value.code, caught.value.where) == (ExitCode.BLOCKED, where)
    assert list(settings.published.iterdir()) == []


def test_publish_of_an_address_in_a_text_column_then_exit_20_without_the_address(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    publish(run_of(settings, 0), TABLES)
    before = served_night(settings)
    build(
        settings, 1,
        "update marts.responses set network = 'ann.smith@example.org' where response_id = 'r7'",
    )  # fmt: skip
    with pytest.raises(RorError) as caught:
        publish(run_of(settings, 1), TABLES)
    assert caught.value.code is ExitCode.BLOCKED
    assert caught.value.where == "marts.responses.network"
    assert "1 values look like an e-mail address" in caught.value.line()
    assert "ann.smith" not in caught.value.line()
    assert served_night(settings) == before


def test_publish_while_held_then_exit_20_and_the_version_rolled_back_to_is_served(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    run = run_of(settings, 0)
    publish(run, TABLES)
    run.ledger.set_hold(True)
    build(settings, 1)
    with pytest.raises(RorError, match="ror publish release") as caught:
        publish(run_of(settings, 1), TABLES)
    assert caught.value.code is ExitCode.BLOCKED
    assert served_night(settings) == (run.run_id, 0)


def test_publish_of_a_run_that_published_already_then_it_is_only_recorded(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    run = run_of(settings, 0)
    first = publish(run, TABLES)
    inode = settings.served_file.stat().st_ino
    assert publish(run, TABLES) == first
    assert settings.served_file.stat().st_ino == inode


def test_publish_with_a_link_in_place_of_the_folder_then_exit_78(tmp_path: Path) -> None:
    settings = home(tmp_path / "home")
    build(settings, 0)
    (tmp_path / "elsewhere").mkdir()
    settings.published.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RorError, match="symbolic link") as caught:
        publish(run_of(settings, 0), TABLES)
    assert caught.value.code is ExitCode.CONFIGURATION


def test_publish_without_a_build_file_then_exit_65_and_none_is_made(tmp_path: Path) -> None:
    settings = home(tmp_path)
    with pytest.raises(RorError, match="no build file") as caught:
        publish(run_of(settings, 0), TABLES)
    assert caught.value.code is ExitCode.DATA_REFUSED
    assert not settings.build_file.exists()


def test_publish_of_a_damaged_build_file_then_exit_65(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    settings.build_file.write_bytes(b"no database" * 1000)
    with pytest.raises(RorError, match="damaged") as caught:
        publish(run_of(settings, 0), TABLES)
    assert caught.value.code is ExitCode.DATA_REFUSED


def test_failpoints_of_the_protocol_then_each_stands_once_in_the_code_and_is_reached_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = "".join(path.read_text() for path in Path("pipelines/publish").glob("*.py"))
    written = re.findall(r'failpoints\.hit\("(publish\.\w+)"\)', source)
    assert sorted(written) == sorted(n for n in failpoints.NAMES if n.startswith("publish."))
    settings = home(tmp_path)
    build(settings, 0)
    reached: list[str] = []
    monkeypatch.setattr(failpoints, "hit", reached.append)
    publish(run_of(settings, 0), TABLES)
    assert reached == [
        "publish.checkpointed", "publish.tmp_created",
        "publish.table", "publish.table", "publish.table",
        "publish.commented", "publish.closed", "publish.verified", "publish.fsynced",
        "publish.renamed", "publish.linked", "publish.flipped", "publish.recorded",
        "publish.pruned",
    ]  # fmt: skip
