"""No test reads the developer's own settings, and none writes the developer's own key."""

import os

import pytest

TEST_KEY = "00" * 16 + "0102030405060708090a0b0c0d0e0f10"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    for name in [
        name for name in os.environ if name.startswith("ROR_") and name != "ROR_TEST_DATA"
    ]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("ROR_PSEUDONYM_KEY", TEST_KEY)
