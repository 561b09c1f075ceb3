from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from pipelines import publish as versions
from pipelines.errors import ExitCode, RorError
from pipelines.settings import Settings
from tests.support.publishing import TABLES, build, home, run_of, served_night


def _nights(settings: Settings, *nights: int) -> list[str]:
    runs = []
    for night in nights:
        build(settings, night)
        run = run_of(settings, night)
        versions.publish(run, TABLES)
        runs.append(run.run_id)
    return runs


def test_prune_after_five_nights_then_newest_three_and_pinned_stay(tmp_path: Path) -> None:
    settings = home(tmp_path)
    first, second = _nights(settings, 0, 1)
    versions.pin(settings, first)
    rest = _nights(settings, 2, 3, 4)
    listed = versions.list_versions(settings)
    assert [version.run_id for version in listed] == [*reversed(rest), first]
    assert [version.is_current for version in listed] == [True, False, False, False]
    assert [version.is_pinned for version in listed] == [False, False, False, True]
    versions.unpin(settings, first)
    _nights(settings, 5)
    assert first not in {version.run_id for version in versions.list_versions(settings)}
    assert second not in {version.run_id for version in versions.list_versions(settings)}


def test_rollback_without_a_target_then_the_night_before_is_served_until_the_next(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    first, second = _nights(settings, 0, 1)
    ledger = run_of(settings, 1).ledger
    assert versions.rollback(settings, ledger).run_id == first
    assert served_night(settings) == (first, 0)
    withdrawn = {row["run_id"]: row["withdrawn_at"] is not None for row in ledger.publications()}
    assert withdrawn == {first: False, second: True}
    (third,) = _nights(settings, 2)
    assert served_night(settings) == (third, 2)
    assert second not in {version.run_id for version in versions.list_versions(settings)}


def test_rollback_with_hold_then_the_next_night_changes_nothing_until_release(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    first, second = _nights(settings, 0, 1)
    ledger = run_of(settings, 1).ledger
    versions.rollback(settings, ledger, to=first, hold=True)
    with pytest.raises(RorError, match="hold"):
        _nights(settings, 2)
    assert served_night(settings) == (first, 0)
    assert versions.release(settings, ledger) == first
    (third,) = _nights(settings, 3)
    assert served_night(settings) == (third, 3)
    assert second not in {version.run_id for version in versions.list_versions(settings)}


def test_rollback_and_back_then_the_newer_night_is_good_again(tmp_path: Path) -> None:
    settings = home(tmp_path)
    first, second = _nights(settings, 0, 1)
    ledger = run_of(settings, 1).ledger
    versions.rollback(settings, ledger)
    assert versions.rollback(settings, ledger, to=second).run_id == second
    assert served_night(settings) == (second, 1)
    withdrawn = {row["run_id"]: row["withdrawn_at"] is not None for row in ledger.publications()}
    assert withdrawn == {first: True, second: False}


def test_rollback_to_a_damaged_version_then_exit_65_and_the_served_one_stays(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    first, second = _nights(settings, 0, 1)
    file = settings.published / first / "warehouse.duckdb"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.chmod(0o644)
    file.write_bytes(content)
    with pytest.raises(RorError, match="content is not what was published") as caught:
        versions.rollback(settings, run_of(settings, 1).ledger, to=first)
    assert caught.value.code is ExitCode.DATA_REFUSED
    assert served_night(settings) == (second, 1)


@pytest.mark.parametrize("name", ["20200101T000000Z-0000", "../elsewhere", "", "current"])
def test_rollback_to_what_is_no_version_then_exit_64(tmp_path: Path, name: str) -> None:
    settings = home(tmp_path)
    (first,) = _nights(settings, 0)
    with pytest.raises(RorError) as caught:
        versions.rollback(settings, run_of(settings, 0).ledger, to=name)
    assert caught.value.code is ExitCode.USAGE
    assert served_night(settings) == (first, 0)


def test_verify_version_with_a_log_beside_it_then_exit_65(tmp_path: Path) -> None:
    settings = home(tmp_path)
    (first,) = _nights(settings, 0)
    assert versions.verify_version(settings).run_id == first
    (settings.published / first / "warehouse.duckdb.wal").write_bytes(b"x")
    with pytest.raises(RorError, match="write-ahead log") as caught:
        versions.verify_version(settings, first)
    assert caught.value.code is ExitCode.DATA_REFUSED


def test_verify_version_with_a_torn_manifest_then_exit_65(tmp_path: Path) -> None:
    settings = home(tmp_path)
    (first,) = _nights(settings, 0)
    manifest = settings.published / first / "manifest.json"
    manifest.chmod(0o644)
    manifest.write_text(manifest.read_text()[:100])
    with pytest.raises(RorError, match="manifest"):
        versions.verify_version(settings, first)
    assert versions.list_versions(settings)[0].built_at == "damaged"


def test_clean_leftovers_then_half_done_things_of_dead_runs_go_and_versions_stay(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    (first,) = _nights(settings, 0)
    for name in (".tmp-a", ".trash-b"):
        (settings.published / name).mkdir()
        (settings.published / name / "warehouse.duckdb").write_bytes(b"x")
    (settings.published / ".current-c").symlink_to(first)
    versions.pin(settings, first)
    assert versions.clean_leftovers(settings) == [".current-c", ".tmp-a", ".trash-b"]
    left = sorted(path.name for path in settings.published.iterdir())
    assert left == [f".pinned-{first}", first, "current"]
    assert served_night(settings) == (first, 0)


def test_repair_after_crash_when_the_ledger_missed_a_flip_then_it_is_recorded_once(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path)
    first, second = _nights(settings, 0, 1)
    settings.ledger_file.unlink()
    ledger = run_of(settings, 2).ledger
    assert versions.repair_after_crash(settings, ledger) == second
    assert [row["run_id"] for row in ledger.publications()] == [second]
    assert versions.repair_after_crash(settings, ledger) is None
    assert versions.clean_leftovers(settings) == []
    assert (settings.published / first).exists()


def test_a_reader_of_a_pruned_version_then_it_reads_on_and_a_new_one_sees_the_new_night(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path, keep_versions=1)
    (first,) = _nights(settings, 0)
    with duckdb.connect(str(settings.served_file.resolve()), read_only=True) as reader:
        (second,) = _nights(settings, 1)
        assert not (settings.published / first).exists()
        assert reader.execute("select distinct run_id from marts.people").fetchall() == [(first,)]
        assert served_night(settings) == (second, 1)
