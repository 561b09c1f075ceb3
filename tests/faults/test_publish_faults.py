"""W02, W04, D01–D04: readers, foreign programs, a really full disk and refused rights."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.publish import publish
from pipelines.settings import ROOT
from tests.support.publishing import TABLES, build, home, run_of, served_night


@pytest.mark.parametrize("nights", [6, pytest.param(30, marks=pytest.mark.long)])
def test_a_reader_polling_during_publications_then_no_failed_open_and_no_mixed_night(
    tmp_path: Path, nights: int
) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    publish(run_of(settings, 0), TABLES)
    stop = tmp_path / "stop"
    with subprocess.Popen(
        [sys.executable, "-m", "tests.faults.polling_child", tmp_path, stop],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    ) as reader:  # fmt: skip
        assert reader.stdout is not None
        assert reader.stdout.readline() == "ready\n"
        for night in range(1, nights + 1):
            build(settings, night)
            publish(run_of(settings, night), TABLES)
        stop.touch()
        seen = json.loads(reader.stdout.read())
    assert seen["faults"] == []
    assert seen["opened"] > nights
    assert seen["nights"] == sorted(seen["nights"])
    assert len(seen["nights"]) > nights // 3


def test_a_reader_connected_all_night_then_the_run_is_not_hindered(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    publish(run_of(settings, 0), TABLES)
    with duckdb.connect(str(settings.served_file), read_only=True) as reader:
        build(settings, 1)
        publish(run_of(settings, 1), TABLES)
        assert reader.execute("select distinct night from marts.people").fetchall() == [(0,)]
    assert served_night(settings) == (run_of(settings, 1).run_id, 1)


def test_publish_while_a_program_holds_the_build_file_then_exit_75_names_it(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    run = run_of(settings, 0)
    code = (
        "import sys, duckdb; con = duckdb.connect(sys.argv[1], read_only=True);"
        " print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, settings.build_file],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(RorError) as caught:
            publish(run, TABLES)
        assert holder.stdin is not None
        holder.stdin.close()
    assert caught.value.code is ExitCode.TRY_AGAIN
    assert f"(pid {holder.pid})" in caught.value.line()
    assert "\n" not in caught.value.line()


def test_publish_beyond_the_memory_limit_then_exit_73_names_the_setting(tmp_path: Path) -> None:
    settings = home(tmp_path, memory_limit_mb=256, threads=1)
    build(
        settings, 0,
        "create or replace table marts.people as"
        " select repeat(md5(i::varchar), 2_000_000) as person_id,"
        " 'x' as name_masked, 0 as night from range(6) t(i)",
    )  # fmt: skip
    (settings.root / "build" / "spill").write_text("a file where the spill folder should be")
    with pytest.raises(RorError) as caught:
        publish(run_of(settings, 0), TABLES)
    assert caught.value.code is ExitCode.CANNOT_WRITE
    assert "needs more than 256 MiB; nothing is served yet; next: raise ROR_MEMORY_LIMIT_MB" in str(
        caught.value
    )
    assert served_night(settings) is None


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_publish_into_a_read_only_folder_then_exit_73_names_it(tmp_path: Path) -> None:
    settings = home(tmp_path)
    build(settings, 0)
    run = run_of(settings, 0)
    settings.root.chmod(0o555)
    try:
        with pytest.raises(RorError) as caught:
            publish(run, TABLES)
    finally:
        settings.root.chmod(0o755)
    assert caught.value.code is ExitCode.CANNOT_WRITE
    assert "published" in caught.value.where
