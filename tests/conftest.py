"""No test reads the developer's own settings, and none writes the developer's own key."""

import os
from pathlib import Path
from typing import Any

import pytest

TEST_KEY = "00" * 16 + "0102030405060708090a0b0c0d0e0f10"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    for name in [
        name for name in os.environ if name.startswith("ROR_") and name != "ROR_TEST_DATA"
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ROR_PSEUDONYM_KEY", TEST_KEY)


def pytest_make_parametrize_id(config: pytest.Config, val: Any, argname: str) -> str | None:
    """Name a case of bytes by its argument: workers must collect the same names, and gzip holds the time of day."""
    del config
    return argname if isinstance(val, bytes) else None


SLOW_FIRST = ("end_to_end", "models", "contract", "faults")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow folders: the last file of a run keeps one worker busy alone."""

    def place(item: pytest.Item) -> int:
        folder = item.path.relative_to(Path(__file__).parent).parts[0]
        return SLOW_FIRST.index(folder) if folder in SLOW_FIRST else len(SLOW_FIRST)

    items.sort(key=place)
