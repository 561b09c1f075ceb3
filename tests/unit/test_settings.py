from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines.context import new_run_id, reporting_instant
from pipelines.errors import ExitCode, RorError
from pipelines.settings import load_settings


def test_settings_when_home_has_an_env_file_then_it_is_read(tmp_path, monkeypatch):
    monkeypatch.delenv("ROR_TIME_ZONE", raising=False)
    (tmp_path / "ror.env").write_text("ROR_TIME_ZONE=Europe/Rome\n")
    assert load_settings(home=tmp_path).time_zone == "Europe/Rome"


def test_settings_when_environment_and_file_differ_then_environment_wins(tmp_path, monkeypatch):
    (tmp_path / "ror.env").write_text("ROR_KEEP_VERSIONS=9\n")
    monkeypatch.setenv("ROR_KEEP_VERSIONS", "4")
    assert load_settings(home=tmp_path).keep_versions == 4


@pytest.mark.parametrize(
    ("knob", "value"),
    [("ROR_TIME_ZONE", "Mars/Olympus"), ("ROR_AS_OF", "2026-01-01T00:00:00"), ("ROR_THREADS", "0")],
)
def test_settings_when_a_value_is_wrong_then_the_line_names_the_knob(
    tmp_path, monkeypatch, knob, value
):
    monkeypatch.setenv(knob, value)
    with pytest.raises(RorError) as refused:
        load_settings(home=tmp_path)
    assert refused.value.code is ExitCode.CONFIGURATION
    assert knob in refused.value.line()


def test_settings_when_shown_then_secrets_are_hidden(tmp_path, monkeypatch):
    monkeypatch.setenv("ROR_PSEUDONYM_KEY", "5ec2e7" * 12)
    assert "5ec2e7" not in repr(load_settings(home=tmp_path))


def test_paths_when_home_is_relative_then_they_are_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert load_settings(home=Path("var")).build_file == tmp_path / "var/build/warehouse.duckdb"


def test_reporting_instant_when_night_after_clock_change_then_midnight_of_the_zone(tmp_path):
    settings = load_settings(home=tmp_path, time_zone="Europe/Rome")
    # 29 March 2026: Rome goes from UTC+1 to UTC+2 at 01:00 UTC; midnight was still UTC+1.
    now = datetime(2026, 3, 29, 3, 0, tzinfo=UTC)
    assert reporting_instant(settings, now).astimezone(UTC) == datetime(
        2026, 3, 28, 23, 0, tzinfo=UTC
    )


def test_run_id_when_later_then_sorts_later():
    early = new_run_id(datetime(2026, 1, 9, 23, 59, 59, tzinfo=UTC))
    late = new_run_id(datetime(2026, 1, 10, 0, 0, 0, tzinfo=UTC))
    assert early.startswith("20260109T235959Z-")
    assert early < late
