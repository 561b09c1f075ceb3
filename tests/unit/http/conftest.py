from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.http.server import Bench, Server, serving


@pytest.fixture
def bench() -> Iterator[Bench]:
    with serving() as server:
        yield Bench(server)


@pytest.fixture
def foreign() -> Iterator[Server]:
    """A second listener that must never be called."""
    with serving() as server:
        yield server
        assert server.script.connections == 0
