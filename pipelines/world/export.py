"""Puts a world where a user would put data: feeds, seeds, dropped files; its truth beside."""

from __future__ import annotations

import json
import os
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.resources import files as package_files
from pathlib import Path

from pipelines.world.crm_files import crm_files
from pipelines.world.dialects import delimited
from pipelines.world.parameters import (
    BASE_CURRENCY,
    BRAND_ID,
    BRAND_NAME,
    BRAND_ZONE,
    MARGIN_RATE,
    NETWORKS,
    WorldParameters,
)
from pipelines.world.rates import FOREIGN_CURRENCY, weekly_rates
from pipelines.world.relation_files import relation_files
from pipelines.world.social_files import social_files
from pipelines.world.truth import Expected, expected, truth_tables
from pipelines.world.world import build_world

MINUTES_A_DAY = 600  # that the brand's people have for the work list
CRM_FEEDS = ("companies", "contacts", "contact_merges", "deals", "deal_contacts")
FEEDS_OF = {
    "hubspot": CRM_FEEDS, "salesforce": CRM_FEEDS, "typeform": ("survey_responses",),
}  # fmt: skip
# Old enough that the intake does not wait for the files to settle.
WRITTEN_AT = datetime(2020, 1, 1, tzinfo=UTC).timestamp()


@dataclass(frozen=True)
class WorldSummary:
    """What was written: records in the files, those to be rejected, `truth/expected.json`."""

    home: Path
    files: int
    byte_count: int
    records: int
    rejected: int
    expected: Expected


def write_world(
    parameters: WorldParameters, home: Path, read: Collection[str] = ()
) -> WorldSummary:
    """Generate a world and write `feeds/`, `seeds/`, `drop/<feed>/` and `truth/` under `home`.

    `read`: sources that are read by their connectors; there are no files of what they bring.

    The same parameters write the same bytes; files of the same name are replaced. Raises OSError
    when it cannot write.
    """
    world = build_world(parameters)
    rates = weekly_rates(parameters)
    # A file without records would have no header row either: nobody exports such a file.
    networks = [network for network in NETWORKS if network not in read]
    brought = {feed for source in read for feed in FEEDS_OF.get(source, ())}
    files = (*social_files(world, networks), *crm_files(world), *relation_files(world, networks))
    dropped = [file for file in files if file.records and file.feed not in brought]
    for feed in sorted(package_files("pipelines.world").joinpath("feeds").iterdir(), key=str):
        _write(home, home / "feeds" / feed.name, feed.read_bytes())
    for name, content in _seeds(rates).items():
        _write(home, home / "seeds" / name, content)
    for file in dropped:
        _write(home, home / "drop" / file.feed / file.name, file.content)
    truth = expected(world, dropped, rates)
    text = json.dumps(truth, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    _write(home, home / "truth" / "expected.json", text.encode())
    for name, rows in truth_tables(world, rates).items():
        if rows:
            _write(home, home / "truth" / f"{name}.csv", delimited(rows))
    return WorldSummary(
        home,
        len(dropped),
        sum(len(f.content) for f in dropped),
        sum(f.records for f in dropped),
        sum(f.rejected for f in dropped),
        truth,
    )


def _seeds(rates: tuple[tuple[object, object], ...]) -> dict[str, bytes]:
    """The seeds that differ from ours: the brand, its exchange rates, its time."""
    brand = {
        "brand_id": BRAND_ID,
        "name": BRAND_NAME,
        "time_zone": str(BRAND_ZONE),
        "base_currency": BASE_CURRENCY,
        "margin_rate": MARGIN_RATE,
        "is_default": "true",
    }
    weekly = [
        {
            "rate_date": day,
            "from_currency": FOREIGN_CURRENCY,
            "to_currency": BASE_CURRENCY,
            "rate": rate,
        }
        for day, rate in rates
    ]
    capacity = {"brand_id": BRAND_ID, "iso_weekday": "", "minutes": MINUTES_A_DAY}
    return {
        "brands.csv": delimited([brand]),
        "fx_rates.csv": delimited(weekly),
        "worklist_capacity.csv": delimited([capacity]),
    }


def _write(home: Path, path: Path, content: bytes) -> None:
    """Write aside, date back, move into place: nobody sees half a file or a young one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = home / f".{path.name}.tmp"
    aside.write_bytes(content)
    os.utime(aside, (WRITTEN_AT, WRITTEN_AT))
    aside.replace(path)
