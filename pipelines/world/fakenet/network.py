"""The net of a world in one call: its stores, its façades, its oracle."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache, partial

from pipelines.clock import ManualClock
from pipelines.world.bluesky import build_bluesky
from pipelines.world.fakenet.added import ADDED
from pipelines.world.fakenet.bluesky import Bluesky
from pipelines.world.fakenet.bluesky_store import bluesky_store
from pipelines.world.fakenet.facade import Facade
from pipelines.world.fakenet.facebook import Facebook
from pipelines.world.fakenet.facebook_store import facebook_store
from pipelines.world.fakenet.faults import FaultScript
from pipelines.world.fakenet.hubspot import HubSpot
from pipelines.world.fakenet.hubspot_store import hubspot_store
from pipelines.world.fakenet.instagram import Instagram
from pipelines.world.fakenet.instagram_store import instagram_store
from pipelines.world.fakenet.lists import identified, list_facades
from pipelines.world.fakenet.oracle import people
from pipelines.world.fakenet.server import Facades, FakeNet
from pipelines.world.fakenet.x import X
from pipelines.world.fakenet.x_store import x_store
from pipelines.world.world import World


def fake_net(
    world: World, *, now: datetime | None = None, clock: ManualClock | None = None,
    script: FaultScript | None = None, tick: timedelta = timedelta(0),
    sleep: Callable[[float], None] | None = None,
) -> FakeNet:  # fmt: skip
    """All façades of a world, each built when it is first asked for; not started yet.

    `now`: default is the end of the world's history.

    `clock`: to be shared with whoever waits; it wins over `now`. The rest as in `FakeNet`.
    """
    seed, start = world.parameters.seed, world.parameters.starts_at
    life = cache(lambda: build_bluesky(world))
    facades: dict[str, Callable[[], Facade]] = {
        "hubspot": lambda: HubSpot(hubspot_store(world, life()), start),
        "bluesky": lambda: Bluesky(bluesky_store(life(), seed), seed),
        **list_facades(world),
        "facebook": lambda: Facebook(facebook_store(world)),
        "instagram": lambda: Instagram(instagram_store(world)),
        "x": lambda: X(x_store(world)),
        **{fake.NAME: partial(fake.build, world) for fake in ADDED},
    }
    clock = clock or ManualClock((now or world.parameters.as_of).astimezone(UTC))
    return FakeNet(
        Facades(facades), clock, script=script, tick=tick, sleep=sleep,
        people=lambda: identified(world, people(world, life())),
    )  # fmt: skip
