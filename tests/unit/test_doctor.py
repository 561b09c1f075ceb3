from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipelines import doctor, failpoints, runlock
from pipelines.doctor import files, machine
from pipelines.doctor import home as home_checks
from pipelines.doctor.findings import Finding
from pipelines.errors import ExitCode
from pipelines.publish import publish
from pipelines.settings import MEBIBYTE, Settings
from tests.support.publishing import TABLES, build, home, run_of

HEALTHY = {"memory_limit_mb": 1024, "testing": False, "pseudonym_key": None}


def _found(settings: Settings, name: str) -> Finding:
    return next(finding for finding in doctor.examine(settings) if finding.name == name)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home after one published night."""
    made = home(tmp_path / "home", pseudonym_key_file=tmp_path / "k", **HEALTHY)
    build(made, 0, "create schema raw_files", "create table raw_files.orders as select 1 as id")
    run = run_of(made, 0)
    run.ledger.record_counts(run.run_id, "raw_files", {"raw_files.orders": 1})
    publish(run, TABLES)
    return made


def test_examine_of_a_healthy_home_then_all_ok_and_exit_0(settings: Settings) -> None:
    before = sorted(settings.root.rglob("*"))
    findings = doctor.examine(settings)
    assert [finding for finding in findings if finding.level != "ok"] == []
    assert doctor.exit_code(findings) == ExitCode.OK
    assert sorted(settings.root.rglob("*")) == before
    assert len(findings) == len(doctor.CHECKS)


def test_examine_of_no_home_then_all_ok_and_none_is_made(tmp_path: Path) -> None:
    settings = home(tmp_path / "absent", pseudonym_key_file=tmp_path / "key", **HEALTHY)
    assert doctor.exit_code(doctor.examine(settings)) == ExitCode.OK
    assert list(tmp_path.iterdir()) == []


def _damage(settings: Settings) -> None:
    file = settings.served_file.resolve()
    file.chmod(0o644)
    file.write_bytes(file.read_bytes()[:-1])


def _log_beside(settings: Settings) -> None:
    settings.served_file.resolve().with_name("warehouse.duckdb.wal").write_bytes(b"x")


def _lose_rows(settings: Settings) -> None:
    build(settings, 0, "delete from raw_files.orders")


def _lose_table(settings: Settings) -> None:
    build(settings, 0, "drop table raw_files.orders")


def _open_key(settings: Settings) -> None:
    settings.pseudonym_key_file.write_text("00" * 32)
    settings.pseudonym_key_file.chmod(0o644)


def _lose_key(settings: Settings) -> None:
    settings.vault_file.write_bytes(b"pseudonyms")


def _short_key(settings: Settings) -> None:
    settings.pseudonym_key_file.write_text("00" * 31)
    settings.pseudonym_key_file.chmod(0o600)


def _link(settings: Settings) -> None:
    (settings.root / "drop").mkdir(mode=0o700)
    (settings.root / "drop" / "orders").symlink_to("/etc")


def _open_folder(settings: Settings) -> None:
    settings.build_file.parent.chmod(0o755)


def _wrong_feed(settings: Settings) -> None:
    settings.feeds_folder.mkdir()
    (settings.feeds_folder / "orders.yml").write_text("feed: orders\nformat: csv\nentity: 1\n")


def _wrong_seed(settings: Settings) -> None:
    settings.seeds_folder.mkdir()
    (settings.seeds_folder / "brands.csv").write_text("brand,colour\nacme,red\n")


def _telemetry(settings: Settings) -> None:
    settings.dagster_folder.mkdir(mode=0o700)
    (settings.dagster_folder / "dagster.yaml").write_text("telemetry: {enabled: true}\n")


@pytest.mark.parametrize(
    ("harm", "name", "text", "code"),
    [
        (_damage, "published", "content is not what was published", ExitCode.CANNOT_WRITE),
        (_log_beside, "published", "write-ahead log", ExitCode.CANNOT_WRITE),
        (
            _lose_rows,
            "raw rows",
            "raw_files.orders has 0 rows, the ledger saw 1",
            ExitCode.CANNOT_WRITE,
        ),
        (_lose_table, "raw rows", "raw_files.orders has 0 rows", ExitCode.CANNOT_WRITE),
        (_open_key, "pseudonym key", "others may read the key", ExitCode.CREDENTIAL),
        (_lose_key, "pseudonym key", "the key is gone", ExitCode.CREDENTIAL),
        (_short_key, "pseudonym key", "shorter than 32 bytes", ExitCode.CREDENTIAL),
        (_link, "links", "drop/orders is a symbolic link", ExitCode.CONFIGURATION),
        (_open_folder, "folder modes", "others may enter build", ExitCode.CONFIGURATION),
        (_wrong_feed, "feeds", "orders.yml", ExitCode.CONFIGURATION),
        (_wrong_seed, "seeds", "brands.csv: columns must be brand_id", ExitCode.CONFIGURATION),
        (_telemetry, "telemetry", "telemetry.enabled is not off", ExitCode.CONFIGURATION),
    ],
)
def test_examine_of_a_harmed_home_then_it_says_what_and_the_next_step(
    settings: Settings, harm: Callable[[Settings], None], name: str, text: str, code: ExitCode
) -> None:
    harm(settings)
    finding = _found(settings, name)
    assert finding.level == "fail"
    assert text in finding.text
    assert finding.next_step
    assert finding.code == code == doctor.exit_code(doctor.examine(settings))


def test_examine_while_another_process_holds_the_lock_then_it_warns_and_leaves_files_alone(
    settings: Settings,
) -> None:
    (settings.published / ".tmp-x").mkdir()
    assert _found(settings, "leftovers").level == "warn"
    with runlock.hold(settings.lock_file, "run-9", "ror run", datetime.now(UTC)):
        assert _found(settings, "raw rows").text == "a run is in progress; not counted"
        assert _found(settings, "leftovers").level == "ok"
        assert _found(settings, "run lock").level == "ok"  # our own
        holder = {"run_id": "run-9", "pid": 1}
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(runlock, "holder", lambda _: holder)
            assert _found(settings, "run lock").text == "held by run run-9 (pid 1)"


def test_examine_with_an_unknown_seed_then_it_warns_and_exits_0(settings: Settings) -> None:
    settings.seeds_folder.mkdir()
    (settings.seeds_folder / "brand.csv").write_text("a\n1\n")
    assert _found(settings, "seeds").text == "brand.csv replaces nothing and is ignored"
    assert doctor.exit_code(doctor.examine(settings)) == ExitCode.OK


def test_examine_with_an_armed_failpoint_then_exit_78(settings: Settings) -> None:
    failpoints.arm("publish.flipped=kill", testing=True)
    try:
        assert _found(settings, "failpoints").code == ExitCode.CONFIGURATION
    finally:
        failpoints.arm("", testing=True)


def test_disk_with_a_large_build_file_then_the_need_is_two_and_a_half_times(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    # 1.2 GB built and 0.3 GB published need 3.75 GB, as the reliability rule works it out.
    (settings.root / "build" / "warehouse.duckdb").write_bytes(b"")
    with settings.build_file.open("r+b") as stream:
        stream.truncate(1_200_000_000)
    served = settings.served_file.resolve()
    served.chmod(0o644)
    with served.open("r+b") as stream:
        stream.truncate(300_000_000)
    free = 3_750_000_000
    monkeypatch.setattr(home_checks.shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    assert next(home_checks.disk(settings)).level == "ok"
    free -= MEBIBYTE
    finding = next(home_checks.disk(settings))
    assert (finding.level, finding.code) == ("fail", ExitCode.CANNOT_WRITE)
    assert finding.next_step == "free 2 MiB"


def test_versions_with_a_drifted_package_then_exit_78_names_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(
        "duckdb==0.1.0 \\\n    --hash=sha256:00\nno-such-package==1 ; sys_platform == 'x'\n"
    )
    monkeypatch.setattr(machine, "LOCK_FILE", lock)
    finding = next(machine.versions(settings))
    assert finding.code == ExitCode.CONFIGURATION
    assert finding.text.startswith("duckdb is 1.")
    assert finding.text.endswith("locked 0.1.0")


def test_memory_beyond_what_is_available_then_exit_73(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_available_mb", lambda: 1000)
    finding = next(machine.memory(settings))
    assert finding.code == ExitCode.CANNOT_WRITE
    assert finding.next_step == "set ROR_MEMORY_LIMIT_MB=600"


def test_examine_when_a_check_cannot_read_then_it_is_a_finding_and_the_rest_goes_on(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_: Settings) -> None:
        raise PermissionError(13, "Permission denied", "/srv/x")

    monkeypatch.setattr(doctor, "CHECKS", (unreadable, files.feeds))
    first, second = doctor.examine(settings)
    assert (first.level, first.text) == ("fail", "/srv/x: Permission denied")
    assert second.level == "ok"


def test_exit_code_of_several_failures_then_configuration_before_credential_before_disk() -> None:
    def failing(code: ExitCode) -> Finding:
        return Finding("x", "fail", "", "", code)

    found = [failing(ExitCode.CANNOT_WRITE), Finding("y", "warn", "")]
    assert doctor.exit_code(found) == 73
    found.append(failing(ExitCode.CREDENTIAL))
    assert doctor.exit_code(found) == 77
    found.append(failing(ExitCode.CONFIGURATION))
    assert doctor.exit_code(found) == 78
