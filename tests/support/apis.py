"""One API of the simulated network, night after night, into the raw tables of one home."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines import failpoints
from pipelines.clock import ManualClock
from pipelines.context import RunContext
from pipelines.home import prepare_home
from pipelines.ledger import Ledger
from pipelines.loading import load_api
from pipelines.loading.results import SourceResult
from pipelines.settings import Settings, load_settings
from pipelines.sources.reading import Window
from pipelines.sources.spec import Source
from pipelines.world.fakenet.access import demo_sources
from pipelines.world.fakenet.faults import FaultScript
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.world import World
from tests.conftest import TEST_KEY
from tests.support.dbt_runs import run_dbt


@dataclass
class ApiHome:
    """A home that reads one source of a running net; the clock is the net's."""

    source: Source
    net: FakeNet
    clock: ManualClock
    settings: Settings
    ledger: Ledger
    nights: int = field(default=0)
    results: list[SourceResult] = field(default_factory=list)

    def night(self, window: Window | None = None, points: str = "") -> SourceResult:
        """Load once, as of now. `points`: failpoints to arm for this night."""
        self.nights += 1
        now = self.clock.now()
        run_id = f"{now:%Y%m%dT%H%M%S}-{self.nights:04}"
        facts: dict[str, Any] = {"versions": {}, "pid": 1, "pid_start_ticks": 1}
        self.ledger.start_run(run_id, now.isoformat(), "test", facts)
        run = RunContext(run_id, now, now, self.settings, self.clock, self.ledger)
        failpoints.arm(points, testing=True)
        try:
            return load_api(self.source, run, window)
        finally:
            failpoints.arm("", testing=True)
            self.ledger.finish_run(run_id, "ok")

    def rows(self, sql: str, **values: Any) -> list[tuple[Any, ...]]:
        """Ask the build file."""
        with duckdb.connect(str(self.settings.build_file)) as con:
            return con.execute(sql, values or None).fetchall()

    def newest(
        self, table: str, columns: str = "_native_id, _row_hash", where: str = "true"
    ) -> list[tuple[Any, ...]]:
        """Live objects of a raw table, by the rule of staging written once more."""
        return self.rows(
            f"""
            select {columns} from (
                select *, row_number() over (
                    partition by _native_id
                    order by _version_at desc nulls last, _ingest_seq desc
                ) as version_place
                from raw_{self.source.name}.{table}
                where _dlt_load_id in (
                    select load_id from raw_{self.source.name}._dlt_loads where status = 0
                )
            )
            where version_place = 1 and not _is_deleted and ({where})
            order by all
            """
        )

    def objects(self) -> dict[str, list[tuple[Any, ...]]]:
        """Everything that lives, but for what belongs to one night."""
        names = [r.name for r in self.source.resources if r.name != "metrics"]
        return {name: self.newest(name) for name in names}


def open_home(
    source: Source, world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, *,
    at: datetime | None = None, script: FaultScript | None = None,
    plant: Callable[[FakeNet, datetime], None] | None = None,
) -> ApiHome:  # fmt: skip
    """A home and its net, started; the caller stops `home.net`. `plant`: adds to its
    history, which ends at the given instant."""
    clock = ManualClock((at or world.parameters.as_of).astimezone(UTC))
    net = fake_net(world, clock=clock, script=script, sleep=clock.sleep)
    if plant is not None:
        plant(net, world.parameters.as_of.astimezone(UTC))
    net.__enter__()
    for name, value in demo_sources(net).items():
        monkeypatch.setenv(name, value)
    settings = load_settings(home=folder / "home", testing=True)
    prepare_home(settings)
    return ApiHome(source, net, clock, settings, Ledger(settings.ledger_file, clock))


@contextmanager
def staged_home(
    sources: Sequence[Source], world: World, folder: Path,
    after: Callable[[ApiHome], None] | None = None,
) -> Iterator[ApiHome]:  # fmt: skip
    """A home with one night of each source in staging. `after`: what goes on before staging."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROR_PSEUDONYM_KEY", TEST_KEY)
        home = open_home(sources[0], world, folder, patch)
        try:
            for nights, source in enumerate(sources):
                home.results.append(replace(home, source=source, nights=nights).night())
            if after is not None:
                after(home)
            names = [source.name for source in sources]
            patch.setenv("ROR_SOURCES", ",".join(names))
            paths = [f"path:models/staging/{name}" for name in (*names, "files")]
            run_dbt(home.settings.root, "run", "--select", *paths)
            yield home
        finally:
            home.net.__exit__(None, None, None)


def on_demand(names: Iterable[str], always: Iterable[str]) -> list[Any]:
    """Parameters of a table: those of `always` in every test run, the others with `-m long`."""
    kept = set(always)
    return [name if name in kept else pytest.param(name, marks=pytest.mark.long) for name in names]
