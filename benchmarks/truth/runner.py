"""Trials in parallel, and the table that comes of them."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from benchmarks.truth.table import Row
from benchmarks.truth.trials import Job, Trial, run

HEADER = (
    f"{'world':<18} {'people':>7} {'seeds':>5}  {'what must hold':<44} {'bound':>12}"
    f" {'figure':>8}  reference"
)


def jobs_of(rows: Iterable[Row], first_seed: int, seeds: int | None) -> list[Job]:
    """Every trial once, the largest first."""
    wanted = {
        Job(row.world, row.people, first_seed + number)
        for row in rows
        for number in range(seeds or row.seeds)
    }
    return sorted(wanted, key=lambda job: (-job.people, job))


def figures(
    rows: Sequence[Row], trials: Sequence[Trial], first_seed: int, seeds: int | None
) -> list[tuple[Row, int, float]]:
    """Row, number of trials, figure."""
    by_job = {trial.job: trial for trial in trials}
    found = []
    for row in rows:
        count = seeds or row.seeds
        own = [by_job[Job(row.world, row.people, first_seed + n)] for n in range(count)]
        found.append((row, count, row.measure(own)))
    return found


def holds(row: Row, figure: float) -> bool:
    """Whether a figure lies within its bound."""
    return row.low <= figure <= row.high


def line(row: Row, count: int, figure: float) -> str:
    """One line of the table."""
    bound = f"{row.low:g}–{row.high:g}"
    mark = "" if holds(row, figure) else "  MISSED"
    return (
        f"{row.world:<18} {row.people:>7,} {count:>5}  {row.what:<44} {bound:>12}"
        f" {figure:>8.3f}  {row.reference}{mark}"
    )


def report(rows: Sequence[Row], first_seed: int, seeds: int | None, processes: int) -> int:
    """Run the trials, print the table; the number of rows that miss their bound."""
    jobs = jobs_of(rows, first_seed, seeds)
    trials = []
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        for done, trial in enumerate(pool.map(run, jobs), start=1):
            trials.append(trial)
            if sys.stderr.isatty() or done % 100 == 0:
                end = "\r" if sys.stderr.isatty() else "\n"
                print(f"{done:,} of {len(jobs):,} trials", end=end, file=sys.stderr, flush=True)
    print(HEADER)
    table = figures(rows, trials, first_seed, seeds)
    for row, count, figure in table:
        print(line(row, count, figure))
    missed = sum(not holds(row, figure) for row, _, figure in table)
    seconds = sum(trial.seconds for trial in trials)
    print(f"{len(table) - missed} of {len(table)} hold; {len(jobs):,} trials, {seconds:,.0f} CPU s")
    return missed
