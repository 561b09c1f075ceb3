"""Where the real data for tests lies; it is read in place and never part of the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def shared_data(relative: str) -> Path:
    """Path of one file or folder of the real data; skips the test where it is absent."""
    base = Path(os.environ.get("ROR_TEST_DATA", ROOT.parent / "shared" / "data"))
    path = base / relative
    if not path.exists():
        pytest.skip(f"real data not present: {relative} (set ROR_TEST_DATA to its folder)")
    return path
