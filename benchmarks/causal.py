"""Moments of a million people and 52 weeks, each estimate after them, and csdid beside us.

Prints CPU seconds, wall and peak memory of both routes to the moments (arrays, and the mart's SQL
in DuckDB), the milliseconds of every estimate, and the time of csdid on 3,000 people where it is
installed (dependency group `oracle`; --oracle PYTHON names an interpreter that has it).
Options: --people N --weeks N. One part alone, as the parent runs it: --part arrays|sql|csdid.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.measure import measure

SEED = 5
PURCHASE_SHARE = 0.146  # of person-weeks have an outcome: 7.6 million of 52
PEER_PEOPLE, PEER_WEEKS = 3_000, 24
REPEATS = 21  # of each estimate; the median counts
PEER_REPEATS = 3
LIMITS = {"cpu": 10.0, "peak_mb": 1_500.0, "estimate_ms": 10.0, "times_csdid": 100.0}
PARTS = ("arrays", "sql")
CSDID = Path(__file__).parent / "csdid_peer.py"


def write_panel(folder: Path, people: int, weeks: int) -> None:
    """People and outcomes as Parquet; whole cents, written by a process of its own."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    generator = np.random.default_rng(SEED)
    onsets = np.array([-1, *range(4, weeks - 7, 4)])
    share = np.array([0.4, *([0.6 / (len(onsets) - 1)] * (len(onsets) - 1))])
    onset = generator.choice(onsets, people, p=share)
    pq.write_table(
        pa.table(
            {"person_id": np.arange(people), "onset_week_index": pa.array(onset, mask=onset < 0)}
        ),
        folder / "people.parquet",
    )
    person, week = np.nonzero(generator.random((people, weeks), dtype=np.float32) < PURCHASE_SHARE)
    outcome = np.rint(generator.gamma(2, 1_000, len(person))).astype(np.int64) + 1
    table = pa.table({"person_id": person, "week_index": week.astype(np.int16), "outcome": outcome})
    pq.write_table(table, folder / "outcomes.parquet")


def arrays(folder: Path, weeks: int) -> dict[str, Any]:
    """Parquet to panel to moments, then every estimate on them."""
    import pyarrow.parquet as pq

    from pipelines.analytics.causal.moments import moments_of
    from pipelines.analytics.causal.panel import panel_from_tables

    people, outcomes = (pq.read_table(folder / f"{n}.parquet") for n in ("people", "outcomes"))
    panel = panel_from_tables(people, outcomes, weeks)
    rows = len(panel.outcome)
    del people, outcomes
    started = time.process_time()
    moments = moments_of(panel)
    return {
        "rows": rows, "moments_cpu": time.process_time() - started, "cpu": time.process_time(),
        "milliseconds": _estimates(moments),
    }  # fmt: skip


def sql(folder: Path, weeks: int) -> dict[str, Any]:
    """The same moments by the query of the mart, two threads."""
    import duckdb

    with duckdb.connect() as con:
        con.execute("set threads = 2; set memory_limit = '1200MB'")
        con.execute(
            "create table y as select o.person_id, o.week_index, o.outcome,"
            " coalesce(p.onset_week_index, -1) as cohort"
            f" from '{folder}/outcomes.parquet' o"
            f" join '{folder}/people.parquet' p using (person_id)"
        )
        cells = con.execute(
            "select cohort, week_a, week_b, sum(y_a::double * y_b) as cross_sum, count(*) as pairs"
            " from (select a.cohort, a.week_index as week_a, b.week_index as week_b,"
            " a.outcome as y_a, b.outcome as y_b from y as a join y as b"
            " on a.person_id = b.person_id and a.week_index <= b.week_index) group by all"
        ).fetchall()
    return {"cells": len(cells), "weeks": weeks, "cpu": time.process_time()}


def _estimates(moments: Any) -> dict[str, float]:
    """Median milliseconds of each estimate."""
    from pipelines.analytics.causal import adjusted, base_week, imputation
    from pipelines.analytics.causal.cells import cells_of
    from pipelines.analytics.causal.level import level_effect
    from pipelines.analytics.causal.naive import naive_log_lift

    cells = cells_of(moments)
    fits = tuple(imputation.impute(moments, cells, order) for order in range(3))
    jobs: dict[str, Callable[[], Any]] = {
        "log lift": lambda: imputation.impute(moments, cells, 0),
        "log lift, linear trend": lambda: imputation.impute(moments, cells, 1),
        "log lift, curved trend": lambda: imputation.impute(moments, cells, 2),
        "adjusted interval": lambda: adjusted.adjust(moments, fits),  # type: ignore[arg-type]
        "anticipation": lambda: imputation.anticipation(moments, cells),
        "event study": lambda: imputation.event_study(moments, cells, fits[0].fit),
        "level, imputed": lambda: level_effect(moments, cells),
        "level, base week": lambda: base_week.overall(moments, "level"),
        "ratio, base week": lambda: base_week.overall(moments, "ratio"),
        "naive": lambda: naive_log_lift(moments, cells),
    }
    return {name: _median_ms(job) for name, job in jobs.items()}


def _median_ms(job: Callable[[], Any], repeats: int = REPEATS) -> float:
    taken = []
    for _ in range(repeats):
        started = time.process_time()
        job()
        taken.append((time.process_time() - started) * 1_000)
    return sorted(taken)[repeats // 2]


def ours_small(folder: Path) -> float:
    """CPU seconds from rows to effect and error on the small panel, median."""
    import pyarrow.parquet as pq

    from pipelines.analytics.causal import base_week
    from pipelines.analytics.causal.moments import moments_of
    from pipelines.analytics.causal.panel import panel_from_tables

    people, outcomes = (pq.read_table(folder / f"{n}.parquet") for n in ("people", "outcomes"))
    panel = panel_from_tables(people, outcomes, PEER_WEEKS)
    return _median_ms(lambda: base_week.overall(moments_of(panel), "level")) / 1_000


def main() -> None:
    """Measure the parts, each in a process of its own, and print what was asked beside it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--weeks", type=int, default=52)
    parser.add_argument("--oracle", default=sys.executable)
    parser.add_argument("--part", choices=(*PARTS, "write"))
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    if options.part == "write":
        write_panel(options.folder, options.people, options.weeks)
    elif options.part:
        run = {"arrays": arrays, "sql": sql}[options.part]
        print(json.dumps(run(options.folder, options.weeks)))
    else:
        _compare(options)


def _compare(options: argparse.Namespace) -> None:
    environment = dict(os.environ) | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.causal"]
    with tempfile.TemporaryDirectory(prefix="ror-causal-") as name:
        size = ["--people", str(options.people), "--weeks", str(options.weeks)]
        measure([*command, "--part", "write", "--folder", name, *size], environment)
        print("part       wall s   CPU s  peak MB")
        for part in PARTS:
            done = measure([*command, "--part", part, "--folder", name, *size], environment)
            print(f"{part:<9} {done.wall:>7.1f} {done.cpu:>7.1f} {done.peak_mb:>8,.0f}")
            found = json.loads(done.output.splitlines()[-1])
            if part == "arrays":
                print(f"  {found['rows']:,} rows; moments alone {found['moments_cpu']:.2f} CPU s")
                for what, taken in found["milliseconds"].items():
                    print(f"  {what:<24} {taken:>6.2f} ms")
        print(f"asked: {LIMITS['cpu']:g} CPU s, {LIMITS['peak_mb']:,.0f} MB, "
              f"{LIMITS['estimate_ms']:g} ms an estimate")  # fmt: skip
    _beside_csdid(options.oracle, command, environment)


def _beside_csdid(oracle: str, command: list[str], environment: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory(prefix="ror-causal-") as name:
        size = ["--people", str(PEER_PEOPLE), "--weeks", str(PEER_WEEKS)]
        measure([*command, "--part", "write", "--folder", name, *size], environment)
        ours = ours_small(Path(name))
        print(f"{PEER_PEOPLE:,} people, {PEER_WEEKS} weeks: ours {ours * 1_000:.2f} ms")
        arguments = [name, str(PEER_WEEKS), str(PEER_REPEATS)]
        try:
            done = measure([oracle, str(CSDID), *arguments], environment)
        except SystemExit as failed:
            print(f"csdid did not run ({str(failed).splitlines()[-1]}); see the group `oracle`")
            return
        theirs = json.loads(done.output.splitlines()[-1])
        print(
            f"csdid {theirs['cpu']:.2f} CPU s: {theirs['cpu'] / ours:,.0f} times ours"
            f" (asked: {LIMITS['times_csdid']:.0f})"
        )


if __name__ == "__main__":
    main()
