"""`ror new-source`: what it writes runs as it is, and it touches nothing else."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli import ror
from pipelines.settings import ROOT

PARTS = ("pipelines", "expectations", "dbt_project", "tests", "pyproject.toml")
CACHES = shutil.ignore_patterns("__pycache__", "target", "logs", "*.duckdb", "dbt_packages")
LISTS = {
    "pipelines/sources/__init__.py",
    "dbt_project/dbt_project.yml",
    "pipelines/world/fakenet/added.py",
}
NEW = {
    "pipelines/sources/shop_ware.py",
    "pipelines/sources/shop_ware_reads.py",
    "pipelines/world/fakenet/shop_ware.py",
    "dbt_project/models/staging/shop_ware/sources.yml",
    "dbt_project/models/staging/shop_ware/stg_shop_ware__contacts.sql",
    "tests/contract/test_shop_ware.py",
    "tests/models/test_staging_shop_ware.py",
}


def run(folder: Path, name: str) -> Result:
    return CliRunner().invoke(
        ror, ["new-source", name, "--folder", str(folder)], standalone_mode=False
    )


def texts(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The lists, and a few modules whose names are taken."""
    kept = (*LISTS, "pipelines/sources/spec.py", "pipelines/world/fakenet/store.py")
    for name in kept:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def test_new_source_when_made_then_only_new_files_and_the_three_lists(copy: Path) -> None:
    before = texts(copy)
    result = run(copy, "shop_ware")
    assert result.exception is None, result.output
    after = texts(copy)
    assert set(after) - set(before) == NEW
    assert {name for name in before if after[name] != before[name]} == LISTS
    for name in LISTS:  # every line of before is still there, but for those that are lists
        lines = set(before[name].decode().splitlines())
        assert len(lines - set(after[name].decode().splitlines())) <= 2
    assert not any(b"$" in after[name] for name in NEW)
    assert "tests/contract/test_shop_ware.py" in result.output
    assert "make docs" in result.output


def test_new_source_when_made_twice_then_both_are_in_the_lists(copy: Path) -> None:
    for name in ("zeta", "alpha"):
        assert run(copy, name).exception is None
    apis = (copy / "pipelines/sources/__init__.py").read_text()
    assert apis.index("import ALPHA") < apis.index("import BLUESKY") < apis.index("import ZETA")
    assert apis.index("    ZETA,") < apis.index("    ALPHA,")
    fakes = (copy / "pipelines/world/fakenet/added.py").read_text()
    assert "from pipelines.world.fakenet import alpha, zeta\n" in fakes
    assert "= (zeta, alpha)" in fakes


@pytest.mark.parametrize(
    "name",
    [
        "", "Shop", "shop-ware", "9lives", "shop ware", "_shop", "shop_", "ünicode", "../shop",
        "class", "match", "table", "group", "spec", "store", "x" * 25, "shop__ware",
    ],
)  # fmt: skip
def test_new_source_when_the_name_cannot_be_used_then_one_line_and_nothing_written(
    copy: Path, name: str
) -> None:
    before = texts(copy)
    result = run(copy, name)
    assert getattr(result.exception, "code", None) == 64, result.output
    assert texts(copy) == before


def test_new_source_when_it_exists_then_refused_and_left_as_it_is(copy: Path) -> None:
    run(copy, "shop_ware")
    (copy / "pipelines/sources/shop_ware.py").write_text("# mine\n")
    before = texts(copy)
    assert getattr(run(copy, "shop_ware").exception, "code", None) == 64
    assert texts(copy) == before


@pytest.mark.parametrize("name", sorted(LISTS))
def test_new_source_when_a_list_is_not_there_then_nothing_written(copy: Path, name: str) -> None:
    (copy / name).write_text("other = 1\n")
    before = texts(copy)
    assert getattr(run(copy, "shop_ware").exception, "code", None) == 64
    assert texts(copy) == before


@pytest.fixture(scope="module")
def scaffolded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A whole checkout with a source more."""
    folder = tmp_path_factory.mktemp("checkout")
    for part in PARTS:
        source = ROOT / part
        if source.is_dir():
            shutil.copytree(source, folder / part, ignore=CACHES)
        else:
            shutil.copy(source, folder / part)
    assert run(folder, "shop_ware").exception is None
    return folder


def child(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments], cwd=folder, capture_output=True, text=True,
        check=False, timeout=1_800,
        env={"PYTHONPATH": str(folder), "PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin",
             "HOME": str(folder)},
    )  # fmt: skip


def own_tests(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    return child(
        folder, "pytest", "-q", "-p", "no:cacheprovider", "tests/contract/test_shop_ware.py",
        "tests/models/test_staging_shop_ware.py", *more,
    )  # fmt: skip


@pytest.mark.long
def test_scaffold_when_its_own_tests_run_then_they_pass(scaffolded: Path) -> None:
    done = own_tests(scaffolded, "-m", "not long")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "skipped" not in done.stdout.splitlines()[-1]


@pytest.mark.long
def test_scaffold_when_its_long_tests_run_and_its_style_is_checked_then_they_pass(
    scaffolded: Path,
) -> None:
    done = own_tests(scaffolded, "-m", "long")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    written = [name for name in (*NEW, *LISTS) if name.endswith(".py")]
    for check in (("check",), ("format", "--check")):
        style = child(scaffolded, "ruff", *check, *written)
        assert style.returncode == 0, style.stdout
    types = child(scaffolded, "mypy", *(n for n in written if n.startswith("pipelines")))
    assert types.returncode == 0, types.stdout
