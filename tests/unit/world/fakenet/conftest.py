from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world

TICK = timedelta(milliseconds=250)  # a client that keeps within four requests a second


@pytest.fixture(scope="session")
def small() -> World:
    """A world that a test can read to the end with pages of one."""
    return build_world(WorldParameters(people=60, weeks=8))


@pytest.fixture
def net(small: World) -> Iterator[FakeNet]:
    """The small world at the end of its history; the clock moves with each request."""
    with fake_net(small, tick=TICK) as running:
        yield running


@pytest.fixture
def still(small: World) -> Iterator[FakeNet]:
    """The same with a clock that nobody moves."""
    with fake_net(small) as running:
        yield running
