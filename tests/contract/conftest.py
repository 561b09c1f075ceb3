"""A small world and homes that read it; a test module says with `SOURCE` which API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world
from tests.conftest import TEST_KEY
from tests.support.apis import ApiHome, open_home


@pytest.fixture(scope="session")
def world() -> World:
    return build_world(WorldParameters(people=60, weeks=8))


@pytest.fixture
def opened(
    request: pytest.FixtureRequest, world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., ApiHome]]:
    """Opens homes, each with a net of its own; all nets are stopped at the end."""
    homes: list[ApiHome] = []

    def open_one(**options: Any) -> ApiHome:
        folder = tmp_path / str(len(homes))
        homes.append(open_home(request.module.SOURCE, world, folder, monkeypatch, **options))
        return homes[-1]

    yield open_one
    for home in homes:
        home.net.__exit__(None, None, None)


@pytest.fixture(scope="module")
def good_objects(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, list[tuple[Any, ...]]]:
    """Everything that lives after one undisturbed night at the end of the world."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROR_PSEUDONYM_KEY", TEST_KEY)
        home = open_home(request.module.SOURCE, world, tmp_path_factory.mktemp("good"), patch)
        try:
            home.night()
            return home.objects()
        finally:
            home.net.__exit__(None, None, None)
