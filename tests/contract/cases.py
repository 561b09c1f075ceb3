"""What the contract suite needs to know of a source: a small table, and how its world is moved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

from pipelines.sources.spec import Source
from pipelines.world.fakenet.faults import Fault
from pipelines.world.fakenet.faults_pages import EachItem
from pipelines.world.fakenet.server import FakeNet
from tests.support.apis import ApiHome

Objects = dict[str, list[tuple[Any, ...]]]
OpenHome = Callable[..., ApiHome]
FOR_EVER = 1_000_000  # requests
BEYOND_DOUBLE = 2**53 + 1  # the first whole number that a double cannot hold


def nothing(subject: Any) -> None:
    del subject


def as_it_is(net: FakeNet, end: datetime) -> None:
    del net, end


@dataclass(frozen=True)
class Passing:
    """A fault at `count` requests of an endpoint, after which the night goes on."""

    endpoint: str
    fault: Fault
    count: int = 1


@dataclass(frozen=True)
class Staying:
    """A fault from the `first` request of an endpoint on, until somebody has mended it.

    `words` stand in the line that says why. `mend`: what is to be done beside ending the fault.
    `is_all`: nothing at all can be read then.
    """

    endpoint: str
    fault: Fault
    words: str
    first: int = 1
    mend: Callable[[ApiHome], None] = nothing
    is_all: bool = False


@dataclass(frozen=True)
class Renamed:
    """A required field that has another name one day: only `table` is refused, not `other`."""

    endpoint: str
    path: str
    table: str
    other: str
    as_name: str = "renamed"


@dataclass(frozen=True)
class LargeIds:
    """Ids beyond 2^53 at an endpoint, and the column that they must reach with all digits."""

    endpoint: str
    fault: Fault
    table: str
    column: str


def numbers_beyond_double(path: str) -> Fault:
    """Ids as numbers, odd and beyond 2^53, one for each item."""
    count = iter(range(10**9))

    def change(holder: dict[str, Any], name: str) -> None:
        holder[name] = BEYOND_DOUBLE + 2 * next(count)

    return EachItem(path, change)


# What the loader does alike for every source: Bluesky and HubSpot show it in every run, others in the long one.
OF_THE_LOADER = frozenset({
    "size", "stays_later", "network_moved", "in_any_order", "nothing_can_be_read", "it_dies",
    "renamed", "all_faults", "are_deleted", "beyond_a_double",
})  # fmt: skip


@dataclass(frozen=True)
class Case:
    """One source.

    `oracle`: what a complete read finds: a table with a condition → the count, from what the façade
    expects. `size`: module and name of the page size; `sizes` that must not matter; `small`: one
    with which lists have several pages. `nights`: days between the nights of a moving network, of
    which the last reads everything. `whole_after`: until the next complete read. `delete`: ends
    objects in the world and returns their keys by table; `nights_to_end`: how many nights say so.
    `secrets`: what may be in no file. `personal`: readable identifiers of people, which may only be
    in free texts (`free_texts`).
    """

    source: Source
    facade: str
    oracle: Mapping[tuple[str, str], Callable[[Mapping[str, Any]], int]]
    size: tuple[ModuleType, str]
    sizes: tuple[int, ...]
    small: int
    nights: tuple[int, ...]
    whole_after: timedelta
    delete: Callable[[ApiHome], Mapping[str, set[str]]]
    passing: Mapping[str, Passing]
    staying: Mapping[str, Staying]
    renamed: Renamed
    large_ids: LargeIds | None  # None: its ids are no numbers
    secrets: tuple[str, ...]
    personal: Callable[[ApiHome], set[str]]
    free_texts: frozenset[str] = frozenset()
    plant: Callable[[FakeNet, datetime], None] = as_it_is  # adds what its history lacks by its end
    nights_to_end: int = 1
    ends_in: tuple[str, ...] = ()  # tables of which the history has deletions
    # Tables of what passes away or was only met: later nights may know more than one good night.
    met: frozenset[str] = frozenset()
    kills: tuple[str, ...] = ("source.page@3", "extract.after", "load.before", "load.after")
    run_always: frozenset[str] = frozenset()  # of the tables `passing`, `staying` and `kills`
    only_long: frozenset[str] = OF_THE_LOADER  # parts of the names of tests for the long run
    other: Source | None = None  # what goes on while this one fails
