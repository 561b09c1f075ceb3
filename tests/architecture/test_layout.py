"""The rules of the house that a tool cannot know."""

import re
from pathlib import Path

import pytest

from pipelines.failpoints import NAMES

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sorted([*ROOT.glob("pipelines/**/*.py"), *ROOT.glob("expectations/**/*.py")])
MODELS = sorted(ROOT.glob("dbt_project/models/**/*.sql"))
LARGEST_FILE, LARGEST_MODEL = 300, 120
TOP_LEVEL = {
    ".ci", ".git", ".gitignore", "CHANGELOG.md", "Makefile", "README.md", "benchmarks",
    "dbt_project", "docs", "expectations", "pipelines", "pyproject.toml", "requirements-dev.lock",
    "requirements.lock", "tests", "workspace.yaml",
}  # fmt: skip


def lines_of(path):
    return path.read_text(encoding="utf-8").count("\n")


def test_python_files_when_counted_then_none_is_too_long():
    assert [str(p) for p in PYTHON if lines_of(p) > LARGEST_FILE and p.name != "contract.py"] == []


def test_python_files_when_counted_then_the_median_is_small():
    assert sorted(map(lines_of, PYTHON))[len(PYTHON) // 2] <= 130


def test_models_when_counted_then_none_is_too_long():
    assert [str(p) for p in MODELS if lines_of(p) > LARGEST_MODEL] == []


def test_environment_when_read_then_only_by_settings():
    readers = {p.name for p in PYTHON if re.search(r"os\.environ|os\.getenv", p.read_text())}
    assert readers <= {"settings.py"}


def test_failpoints_when_declared_then_each_is_hit_at_exactly_one_place():
    code = "\n".join(p.read_text() for p in PYTHON if p.name != "failpoints.py")
    counts = {name: len(re.findall(rf'"{re.escape(name)}"', code)) for name in NAMES}
    assert {name: count for name, count in counts.items() if count != 1} == {}


def test_models_when_read_then_no_clock_and_no_average_of_rates():
    text = {p.name: re.sub(r"--.*", "", p.read_text().lower()) for p in MODELS}
    clock = r"\bnow\(\)|current_timestamp|current_date|\btoday\(\)"
    assert [n for n, t in text.items() if re.search(clock, t)] == []
    assert [n for n, t in text.items() if re.search(r"avg\(\s*\w*_rate\b", t)] == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a checkout")
def test_top_level_when_listed_then_every_entry_is_known():
    hidden = {
        ".venv",
        ".venv-bench",
        "var",
        "logs",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
    }
    found = {p.name for p in ROOT.iterdir() if not p.name.endswith((".egg-info", "_cache"))}
    assert found - hidden <= TOP_LEVEL
