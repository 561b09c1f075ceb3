"""`ror sources` and `ror doctor --source`: what a person sees of an API."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import ror
from pipelines.doctor.sources import _version
from pipelines.sources.hubspot import HUBSPOT
from pipelines.world.fakenet.access import demo_sources
from pipelines.world.fakenet.hubspot import TOKEN
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import build_world


@pytest.fixture(scope="module")
def net() -> Iterator[FakeNet]:
    with fake_net(build_world(WorldParameters(people=20, weeks=4))) as running:
        yield running


@pytest.fixture
def home(net: FakeNet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, value in demo_sources(net).items():
        monkeypatch.setenv(name, value)
    return tmp_path


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(ror, ["--home", str(home), *arguments], standalone_mode=False)


def test_sources_when_listed_then_each_with_what_it_lands(home: Path) -> None:
    shown = run(home, "sources").output
    assert "hubspot" in shown
    assert "bluesky      in use" in shown


def test_sources_show_when_a_token_is_set_then_it_is_not_shown(home: Path) -> None:
    shown = run(home, "sources", "show", "hubspot").output
    assert "access_token = ***" in shown
    assert TOKEN not in shown
    assert "raw_hubspot.deals: one row per deal" in shown


@pytest.mark.parametrize("name", ["hubspot", "bluesky", "facebook", "instagram"])
def test_doctor_when_a_source_answers_then_it_says_so(home: Path, name: str) -> None:
    result = run(home, "doctor", "--source", name)
    assert result.return_value == 0, result.output
    assert "answers" in result.output


def test_doctor_when_the_token_is_wrong_then_one_line_and_exit_77(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__HUBSPOT__ACCESS_TOKEN", "pat-wrong-7781")
    result = run(home, "sources", "check", "hubspot")
    assert result.return_value == 77, result.output
    assert result.output.startswith("fail")
    assert "pat-wrong-7781" not in result.output


def test_doctor_when_a_scope_is_missing_then_it_says_where_to_grant_it(
    home: Path, net: FakeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    net.facades["hubspot"].tokens.add("pat-narrow", ["crm.objects.deals.read"])  # type: ignore[attr-defined]
    monkeypatch.setenv("SOURCES__HUBSPOT__ACCESS_TOKEN", "pat-narrow")
    result = run(home, "doctor", "--source", "hubspot")
    assert result.output.startswith("warn")
    assert "grant the right at HubSpot" in result.output


@pytest.mark.parametrize("name", ["facebook", "instagram"])
def test_check_when_metas_version_has_ended_then_one_line_says_so(
    home: Path, net: FakeNet, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    gate = net.facades[name].gate  # type: ignore[attr-defined]
    monkeypatch.setitem(gate.lifetimes, "v26.0", date(2026, 1, 1))
    result = run(home, "sources", "check", name)
    assert result.output.startswith("fail")
    assert "v26.0 is no longer served" in result.output
    assert "update ror-warehouse" in result.output


def test_check_when_metas_token_is_refused_then_exit_77_and_why(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOURCES__FACEBOOK__ACCESS_TOKEN", "EAAB-wrong-4411")
    result = run(home, "sources", "check", "facebook")
    assert result.return_value == 77, result.output
    assert "token refused (190)" in result.output
    assert "4411" not in result.output


def test_check_when_metas_right_is_missing_then_it_says_where_to_grant_it(
    home: Path, net: FakeNet, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate = net.facades["instagram"].gate  # type: ignore[attr-defined]
    gate.tokens.add("IGAA-narrow", [])
    monkeypatch.setenv("SOURCES__INSTAGRAM__ACCESS_TOKEN", "IGAA-narrow")
    monkeypatch.setenv("SOURCES__INSTAGRAM__LOGIN", "facebook")
    result = run(home, "doctor", "--source", "instagram")
    assert result.output.startswith("warn")
    assert "grant the right at Instagram" in result.output


def test_doctor_when_settings_are_missing_then_it_names_them(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCES__BLUESKY__ACCOUNTS")
    result = run(home, "doctor", "--source", "bluesky")
    assert "accounts" in result.output
    assert result.return_value == 78


def test_doctor_when_a_name_is_unknown_then_exit_78(home: Path) -> None:
    result = run(home, "doctor", "--source", "myspace")
    assert getattr(result.exception, "code", None) == 78


@pytest.mark.parametrize(("today", "level"), [(date(2027, 1, 1), "ok"), (date(2027, 7, 1), "warn")])
def test_version_when_it_ends_within_90_days_then_warned(
    today: date, level: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HUBSPOT.version_ends, HUBSPOT.version, date(2027, 9, 1))  # type: ignore[arg-type]
    assert _version(HUBSPOT, today).level == level
