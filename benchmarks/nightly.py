"""Five million interactions through the drop, then a night with 50,000 new rows; `make bench`.

Prints seconds per phase and per layer, rows/s, CPU and peak memory of the whole process tree,
beside plain DuckDB SQL over the same Parquet files as the floor, measured in the same run.
Options: --interactions N --new N --home DIR (kept; default: a temporary folder).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections import defaultdict
from datetime import datetime
from pathlib import Path

from benchmarks.make_interactions import AS_OF, write_base, write_increment
from benchmarks.measure import Measured, measure

ROR = str(Path(sys.executable).parent / "ror")
LOAD_AND_BUILD = ("drain", "extract", "load", "build")
RESULTS = ("LogModelResult", "LogTestResult", "LogSeedResult")
SLOWEST = 25
FLOOR = Path(__file__).with_name("floor.py")


def main() -> None:
    """Measure both nights and the floor, print one table each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--interactions", type=int, default=5_000_000)
    parser.add_argument("--new", type=int, default=50_000)
    parser.add_argument("--home", type=Path)
    options = parser.parse_args()
    home = options.home or Path(tempfile.mkdtemp(prefix="ror-bench-"))
    environment = _environment(home)
    try:
        write_base(home, interactions=options.interactions)
        floor = measure([sys.executable, str(FLOOR), str(home / "drop")], os.environ)
        full = measure([ROR, "run"], environment)
        full_seconds = _print_night(
            f"full night, {options.interactions:,} interactions", home, full
        )
        write_increment(home, interactions=options.interactions, new=options.new)
        small = measure([ROR, "run"], environment)
        small_seconds = _print_night(f"next night, {options.new:,} new rows", home, small)
        print("\nfloor: plain DuckDB over the same files (read, newest per id, one daily rollup)")
        print(f"  wall {floor.wall:.1f} s, CPU {floor.cpu:.1f} s, peak {floor.peak_mb:,.0f} MB")
        print(f"\nfull / floor      {full.wall / floor.wall:.1f}x wall", end=", ")
        print(f"{full.cpu / floor.cpu:.1f}x CPU")
        print(
            f"next / full       {small_seconds / full_seconds:.1%} load and build (bound 25 %)",
            end=", ",
        )
        print(f"{small.wall / full.wall:.1%} whole night")
        print(f"rows/s, full      {options.interactions / full.wall:,.0f}")
    finally:
        if not options.home:
            shutil.rmtree(home, ignore_errors=True)


def _environment(home: Path) -> dict[str, str]:
    own = {
        "ROR_HOME": str(home),
        "ROR_AS_OF": AS_OF,
        "ROR_SETTLE_SECONDS": "0",
        "ROR_PSEUDONYM_KEY": "00" * 31 + "01",
    }
    return dict(os.environ) | own


def _print_night(title: str, home: Path, measured: Measured) -> float:
    """Print one night; returns its seconds of loading and building."""
    print(f"\n{title}: wall {measured.wall:.1f} s, CPU {measured.cpu:.1f} s,", end=" ")
    print(f"peak {measured.peak_mb:,.0f} MB")
    with sqlite3.connect(home / "state" / "ledger.sqlite") as ledger:
        phases = ledger.execute(
            "select phase, started_at, finished_at, rows_out from phases where run_id ="
            " (select max(run_id) from runs) order by phase_id"
        ).fetchall()
    load_and_build = 0.0
    for phase, started, finished, rows in phases:
        seconds = (
            datetime.fromisoformat(finished) - datetime.fromisoformat(started)
        ).total_seconds()
        load_and_build += seconds if phase in LOAD_AND_BUILD else 0
        print(f"  {phase:<12} {seconds:>7.1f} s  {f'{rows:,} rows' if rows else ''}".rstrip())
    print(f"  load and build {load_and_build:.1f} s")
    _print_layers(home / "dbt" / "target" / "dbt.log", phases[0][1][:19])
    sys.stdout.flush()
    return load_and_build


def _print_layers(log: Path, since: str) -> None:
    """Seconds per layer and the slowest nodes of both halves of the build, from dbt's log."""
    results = [
        (found["data"]["node_info"]["unique_id"], found["data"]["execution_time"])
        for found in map(json.loads, log.read_text(encoding="utf-8").splitlines())
        if found["info"]["name"] in RESULTS and found["info"]["ts"] >= since
    ]
    layers: dict[str, float] = defaultdict(float)
    for node, seconds in results:
        kind, _, name = node.split(".", 2)
        layer = "tests" if kind == "test" else "seeds" if kind == "seed" else name.split("_")[0]
        layers[layer if layer in ("tests", "seeds", "stg", "int") else "marts"] += seconds
    print("  dbt seconds per layer:", ", ".join(f"{k} {v:.1f}" for k, v in sorted(layers.items())))
    for node, seconds in sorted(results, key=lambda result: -result[1])[:SLOWEST]:
        print(f"    {node.split('.', 2)[2][:60]:<60} {seconds:>6.1f} s")


if __name__ == "__main__":
    main()
