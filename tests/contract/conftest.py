"""A small world and homes that read it; a test module says with `CASE` which API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world
from tests.conftest import TEST_KEY
from tests.contract.cases import Case, Objects
from tests.support.apis import ApiHome, on_demand, open_home


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
        case = request.module.CASE
        options = {"plant": case.plant, **options}
        homes.append(open_home(case.source, world, folder, monkeypatch, **options))
        return homes[-1]

    yield open_one
    for home in homes:
        home.net.__exit__(None, None, None)


@pytest.fixture(scope="module")
def good_home(
    request: pytest.FixtureRequest, world: World, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ApiHome]:
    """A home after one undisturbed night at the end of the world; nobody may change it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROR_PSEUDONYM_KEY", TEST_KEY)
        folder = tmp_path_factory.mktemp("good")
        case = request.module.CASE
        home = open_home(case.source, world, folder, patch, plant=case.plant)
        try:
            home.results.append(home.night())
            yield home
        finally:
            home.net.__exit__(None, None, None)


@pytest.fixture(scope="module")
def good_objects(good_home: ApiHome) -> Objects:
    """Everything that lives after that night."""
    return good_home.objects()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Fill the tables of the contract suite from the case of its class."""
    case: Case | None = getattr(metafunc.cls, "case", None)
    if case is None:
        return
    tables = {
        "passing": list(case.passing),
        "staying": list(case.staying),
        "point": list(case.kills),
    }
    for name, values in tables.items():
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, on_demand(values, case.run_always))
    if "later" in metafunc.fixturenames:
        first = next(name for name in case.staying if name in case.run_always)
        metafunc.parametrize("later", on_demand(case.staying, [first]))
    if "size" in metafunc.fixturenames:
        metafunc.parametrize("size", case.sizes)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Leave tests of the suite that take many nights to the long run, where the case says so."""
    case: Case | None = getattr(getattr(item, "cls", None), "case", None)
    name = getattr(item, "originalname", item.name)
    if case is not None and any(part in name for part in case.only_long):
        item.add_marker(pytest.mark.long)
