from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.world.export import WorldSummary, write_world
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> WorldSummary:
    """The default world, written once."""
    home: Path = tmp_path_factory.mktemp("world")
    return write_world(WorldParameters(), home)


@pytest.fixture(scope="session")
def world() -> World:
    """The default world in memory."""
    return build_world(WorldParameters())
