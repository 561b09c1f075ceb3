"""A net that clients of others can read: they know nothing of the fake's clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world


@pytest.fixture(scope="package")
def judged_world() -> World:
    return build_world(WorldParameters(people=120, weeks=10))


@pytest.fixture
def net(judged_world: World) -> Iterator[FakeNet]:
    with fake_net(judged_world, tick=timedelta(milliseconds=250)) as running:
        yield running
