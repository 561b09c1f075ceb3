"""K03, D01: whatever happens in whatever step, readers see the old or the new night, and the next
night works.
"""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines import failpoints
from pipelines.errors import ExitCode, RorError
from pipelines.publish import clean_leftovers, publish, repair_after_crash
from pipelines.settings import ROOT, Settings
from tests.support.publishing import TABLES, build, home, run_of, served_night

BEFORE_FLIP = (
    "publish.checkpointed", "publish.tmp_created", "publish.table@1", "publish.table@3",
    "publish.commented", "publish.closed", "publish.verified", "publish.fsynced",
    "publish.renamed", "publish.linked",
)  # fmt: skip
AFTER_FLIP = ("publish.flipped", "publish.recorded", "publish.pruned")
POINTS = BEFORE_FLIP + AFTER_FLIP
CHILD = "tests.faults.publishing_child"


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which night 0 is published and night 1 is built."""
    made = home(tmp_path_factory.mktemp("template"))
    build(made, 0)
    publish(run_of(made, 0), TABLES)
    build(made, 1)
    return made.root


@pytest.fixture
def settings(template: Path, tmp_path: Path) -> Iterator[Settings]:
    """A copy of that home."""
    shutil.copytree(template, tmp_path / "home", symlinks=True)
    yield home(tmp_path / "home")
    failpoints.arm("", testing=True)


def _left(settings: Settings) -> set[str]:
    return {path.name for path in settings.published.iterdir()}


def _assert_recovers(settings: Settings) -> None:
    """What every night begins with, then the next night: complete, recorded, nothing left."""
    run = run_of(settings, 2)
    repair_after_crash(settings, run.ledger)
    clean_leftovers(settings)
    served = {row["run_id"] for row in run.ledger.publications()}
    assert _left(settings) == served | ({"current"} if served else set())
    build(settings, 2)
    publish(run, TABLES)
    assert served_night(settings) == (run.run_id, 2)
    served = {row["run_id"] for row in run.ledger.publications()}
    assert _left(settings) == served | {"current"}
    assert list(settings.build_file.parent.glob("*.wal")) == []


def test_points_then_they_are_all_of_the_publication() -> None:
    named = {point.partition("@")[0] for point in POINTS}
    assert named == {name for name in failpoints.NAMES if name.startswith("publish.")}


@pytest.mark.parametrize("point", POINTS)
def test_publish_killed_at_a_point_then_old_or_new_is_served_and_the_next_night_works(
    settings: Settings, point: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", CHILD, settings.root, "1", f"{point}=kill"],
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL, done.stderr
    expected = 0 if point in BEFORE_FLIP else 1
    assert served_night(settings) == (run_of(settings, expected).run_id, expected)
    _assert_recovers(settings)


@pytest.mark.parametrize("point", POINTS)
def test_publish_crashed_on_the_first_night_then_none_or_the_new_one_is_served(
    tmp_path: Path, point: str
) -> None:
    settings = home(tmp_path)
    build(settings, 1)
    failpoints.arm(f"{point}=crash", testing=True)
    with pytest.raises(failpoints.SimulatedCrash):
        publish(run_of(settings, 1), TABLES)
    failpoints.arm("", testing=True)
    expected = None if point in BEFORE_FLIP else (run_of(settings, 1).run_id, 1)
    assert served_night(settings) == expected
    _assert_recovers(settings)


def test_publish_tried_again_by_the_same_run_after_a_crash_then_it_succeeds(
    settings: Settings,
) -> None:
    run = run_of(settings, 1)
    for point in POINTS:
        failpoints.arm(f"{point}=crash", testing=True)
        with pytest.raises(failpoints.SimulatedCrash):
            publish(run, TABLES)
        failpoints.arm("", testing=True)
        if point in AFTER_FLIP:
            assert served_night(settings) == (run.run_id, 1)
    publish(run, TABLES)
    assert served_night(settings) == (run.run_id, 1)
    _assert_recovers(settings)


@pytest.mark.parametrize("point", POINTS)
def test_publish_with_a_full_disk_at_a_point_then_exit_73_says_what_is_served(
    settings: Settings, point: str
) -> None:
    failpoints.arm(f"{point}=enospc", testing=True)
    with pytest.raises(RorError, match=r"needs about \d+ MB, \d+ MB free") as caught:
        publish(run_of(settings, 1), TABLES)
    failpoints.arm("", testing=True)
    assert caught.value.code is ExitCode.CANNOT_WRITE
    line = caught.value.line()
    if point in BEFORE_FLIP:
        assert "the last version stays served; next: free space, then ror run" in line
        assert served_night(settings) == (run_of(settings, 0).run_id, 0)
        assert _left(settings) == {run_of(settings, 0).run_id, "current"}
    else:
        assert "the new version is served" in line
        assert served_night(settings) == (run_of(settings, 1).run_id, 1)
    _assert_recovers(settings)
