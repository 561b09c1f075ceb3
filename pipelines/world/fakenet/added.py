"""Fakes of sources that `ror new-source` made; it enters each of them here, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pipelines.world.fakenet.facade import Facade
from pipelines.world.world import World


class FakeModule(Protocol):
    """What the module of a fake has."""

    @property
    def NAME(self) -> str:  # noqa: N802  a constant of a module
        """Name of the source."""
        ...

    @property
    def build(self) -> Callable[[World], Facade]:
        """Makes the façade of a world."""
        ...

    @property
    def settings(self) -> Callable[[str], dict[str, str]]:
        """The environment that reads it, by its address."""
        ...


ADDED: tuple[FakeModule, ...] = ()
