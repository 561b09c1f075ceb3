"""A load killed at any point, with dlt's working directory kept or lost, comes to the rows of an
undisturbed one.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipelines import failpoints
from pipelines.loading import load_files
from pipelines.loading.results import Status
from tests.faults import launch
from tests.support.data import ROOT
from tests.support.drop import STAGED_MESSAGES, Drop, messages_csv

OUR_POINTS = (
    "drain.before",
    "files.archived",
    "extract.page",
    "extract.after",
    "load.before",
    "load.after",
    "files.archived_after_load",
)
TWICE = ("dlt.job.committed", "dlt.job.marked")  # between two tables of one package
KILLS = [(name, 1) for name in (*launch.POINTS, *OUR_POINTS)] + [(name, 2) for name in TWICE]
# Night 1: a = 0..99, b = 100..149. Night 2: a is corrected to 0..89 with other texts, c = 200..259
# is new.
EXPECTED_IDS = [*range(90), *range(100, 150), *range(200, 260)]


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home after an undisturbed first night; tests work on copies of it."""
    drop = Drop(tmp_path_factory.mktemp("first"))
    drop.messages_feed()
    drop.put("inbox", "a.csv", messages_csv(range(100)))
    drop.put("inbox", "b.csv", messages_csv(range(100, 150)))
    assert load_files(drop.run()).status is Status.OK
    return drop.settings.root


@pytest.fixture
def drop(first_night: Path) -> Iterator[Drop]:
    """A copy of that home with the second night's files; in memory where that exists: SIGKILL needs
    no disk.
    """
    memory = Path("/dev/shm")
    home = Path(tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None))
    shutil.copytree(first_night, home, dirs_exist_ok=True)
    copy = Drop(home)
    copy.runs = 1
    copy.put("inbox", "a.csv", messages_csv(range(90), text="corrected"))
    copy.put("inbox", "c.csv", messages_csv(range(200, 260)))
    yield copy
    shutil.rmtree(home)


def _assert_second_night(drop: Drop) -> None:
    found = drop.rows(f"select message_id::int, text from ({STAGED_MESSAGES}) order by 1")
    assert [number for number, _ in found] == EXPECTED_IDS
    texts = dict(found)
    assert texts[5] == "corrected 5"
    assert texts[105] == "hello 105"
    assert not list((drop.settings.drop / "inbox").iterdir())
    committed = drop.rows(
        "select file_name, count(*) from raw_files.file_ledger where _dlt_load_id in"
        " (select load_id from raw_files._dlt_loads) group by 1 order by 1"
    )
    assert [name for name, _ in committed] == ["a.csv", "b.csv", "c.csv"]


def _dies(work: Callable[[], object]) -> None:
    """Run `work` in a child process, which must be killed in it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the point was not reached"
    assert os.WTERMSIG(status) == signal.SIGKILL


@pytest.mark.parametrize(
    "is_lost", [pytest.param(False, marks=pytest.mark.long), True], ids=["kept", "lost"]
)
@pytest.mark.parametrize(
    ("point", "at"),
    [  # every second one each time, the others in the long run
        pytest.param(name, at, id=f"{name}@{at}", marks=[pytest.mark.long] * (place % 2))
        for place, (name, at) in enumerate(KILLS)
    ],
)
def test_load_when_killed_then_next_run_ends_as_undisturbed(
    drop: Drop, point: str, at: int, is_lost: bool
) -> None:
    killed = drop.run()

    def work() -> None:
        if point in launch.POINTS:
            launch.arm(point, at)
        else:
            failpoints.arm(f"{point}@{at}=kill", testing=True)
        load_files(killed)

    _dies(work)
    if is_lost:
        shutil.rmtree(drop.settings.dlt_folder)
    resumed = load_files(drop.run())
    assert resumed.status in (Status.OK, Status.NOTHING)
    _assert_second_night(drop)
    assert load_files(drop.run()).status is Status.NOTHING
    _assert_second_night(drop)


def test_load_when_killed_twice_then_third_run_ends_as_undisturbed(drop: Drop) -> None:
    for point in ("dlt.job.committed", "dlt.job.marked"):
        run = drop.run()
        _dies(lambda point=point, run=run: (launch.arm(point), load_files(run)))
    load_files(drop.run())
    _assert_second_night(drop)


def test_launcher_when_given_a_module_then_kills_it_inside_dlt(tmp_path: Path) -> None:
    drop = Drop(tmp_path)
    drop.messages_feed()
    drop.put("inbox", "a.csv", messages_csv(range(10)))
    command = ["-m", "tests.faults.launch", "--point", "dlt.loads.before", "--"]
    done = subprocess.run(
        [sys.executable, *command, "tests.faults.load_once"],
        cwd=ROOT, env=os.environ | {"ROR_HOME": str(tmp_path)}, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == -signal.SIGKILL
    assert drop.rows("select count(*) from raw_files.messages") == [(10,)]
    assert drop.rows("select count(*) from raw_files._dlt_loads") == [(0,)]
    load_files(drop.run())
    assert drop.rows(f"select count(*) from ({STAGED_MESSAGES})") == [(10,)]
