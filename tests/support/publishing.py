"""A small home that can publish: a build file of one night, a ledger, and runs in order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb

from pipelines.clock import ManualClock
from pipelines.context import RunContext
from pipelines.ledger import Ledger
from pipelines.publish import PublishedTable
from pipelines.settings import Settings

FIRST_NIGHT = datetime(2026, 7, 1, 2, 0, tzinfo=UTC)
ROWS = 50

RESPONSES = PublishedTable(
    "marts",
    "responses",
    (("response_id", "The turn's id."), ("network", "Network."), ("night", "Night's number.")),
    'One row per turn that needs a reply. It\'s the "clock" of presence.',
    ("network", "response_id"),
)
PEOPLE = PublishedTable(
    "marts",
    "people",
    (("person_id", "The person's id."), ("name_masked", "Mask."), ("night", "Night's number.")),
    "One row per person.",
)
BRANDS = PublishedTable("reference", "brands", (("brand_id", "Brand."),), "One row per brand.")
TABLES = (RESPONSES, PEOPLE, BRANDS)


def home(path: Path, **knobs: Any) -> Settings:
    """Settings of a home for tests, small enough for a busy machine."""
    return Settings(
        home=path,
        **({"memory_limit_mb": 512, "threads": 2, "testing": True} | knobs),
    )


def run_of(settings: Settings, night: int) -> RunContext:
    """The run of a night (0, 1, …), started in the ledger unless it is there already."""
    started_at = FIRST_NIGHT + timedelta(days=night)
    clock = ManualClock(started_at)
    run_id = f"{started_at:%Y%m%dT%H%M%SZ}-{night:04x}"
    as_of = started_at.replace(hour=0)
    ledger = Ledger(settings.ledger_file, clock)
    if run_id not in {row["run_id"] for row in ledger.runs()}:
        facts = {"versions": {}, "git_sha": "abc123", "pid": 1, "pid_start_ticks": 1}
        ledger.start_run(run_id, as_of.isoformat(), "ror run", facts)
    return RunContext(run_id, as_of, started_at, settings, clock, ledger)


def build(settings: Settings, night: int, *extra: str) -> None:
    """A build file as one night leaves it: marts say which night built them; `extra`: more SQL."""
    settings.build_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with duckdb.connect(str(settings.build_file)) as con:
        for schema in ("marts", "reference", "staging"):
            con.execute(f"create schema if not exists {schema}")
        con.execute(
            "create or replace table marts.responses as select 'r' || i as response_id,"
            f" ['x', 'instagram', null][i % 3 + 1] as network, {night} as night,"
            f" 'private text ' || i as text from range({ROWS}) t(i)"
        )
        con.execute(
            "create or replace table marts.people as select 'p_' || i as person_id,"
            f" 'A***@example.org' as name_masked, {night} as night from range({ROWS}) t(i)"
        )
        con.execute("create or replace table reference.brands as select 'acme' as brand_id")
        con.execute("create or replace table staging.secrets as select 'ann@example.org' as email")
        for sql in extra:
            con.execute(sql)


def served_night(settings: Settings) -> tuple[str, int] | None:
    """What a reader sees now: run id and night, one for all tables; None before the first."""
    if not (settings.published / "current").exists():
        return None
    file = settings.served_file.resolve()
    with duckdb.connect(str(file), read_only=True) as con:
        rows = con.execute(
            "select distinct run_id, night from marts.responses"
            " union select distinct run_id, night from marts.people"
        ).fetchall()
        counts = con.execute(
            "select (select count(*) from marts.responses), (select count(*) from marts.people)"
        ).fetchone()
    assert len(rows) == 1, f"mixed nights: {rows}"
    assert counts == (ROWS, ROWS)
    return rows[0]
