"""`ror calibrate`: proposals for what is frozen, from the brand's own published tables."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines import query
from pipelines.cli import Options

# Fifths of the customers, ties by id. A quintile begins past the best value of the one below it;
# few days are better than many.
PROPOSAL = """
    with measured as (
        select person_id, 'recency_days' as measure, -recency_days as worth from marts.rfm_scores
        union all
        select person_id, 'frequency_count', frequency_count from marts.rfm_scores
        union all
        select person_id, 'monetary_minor', monetary_minor from marts.rfm_scores
    ),
    tiled as (
        select measure, worth,
            ntile(5) over (partition by measure order by worth, person_id) as tile
        from measured
    )
    select 'proposed' as version, measure, tile + 1 as quintile, abs(max(worth)) as breakpoint
    from tiled where tile < 5 group by measure, tile order by measure, tile
"""

# Twenty-one values per component, of everybody with evidence in the newest scored week: a value of
# the data itself, never one between two. Where nobody has evidence, what is frozen today: a build
# needs all components.
SCORE_PROPOSAL = """
    with newest as (select max(week_start_date) as week from marts.ror_score_components_weekly),
    measured as (
        select component, raw_value from marts.ror_score_components_weekly, newest
        where week_start_date = week and evidence_count > 0
    ),
    steps as (select unnest(range(21)) as step),
    proposed as (
        select component, (step / 20.0)::decimal(3, 2) as quantile,
            (list(raw_value order by raw_value))[
                1 + floor(step / 20.0 * (count(*) - 1))::bigint
            ] as raw_value,
            week + 7 as frozen_on
        from measured, steps, newest group by component, step, week
        union all
        select component, quantile, raw_value, frozen_on
        from reference.ror_calibration anti join measured using (component)
    )
    select 'proposed' as version, component, quantile, raw_value, frozen_on
    from proposed order by component, quantile
"""
PROPOSALS = {"rfm": PROPOSAL, "ror": SCORE_PROPOSAL}


@click.command()
@click.option(
    "--of",
    type=click.Choice(sorted(PROPOSALS)),
    default="rfm",
    show_default=True,
    help="Customer segments (seed rfm_breakpoints) or the ROR score (seed ror_calibration).",
)
@click.option("--out", "-o", type=click.Path(path_type=Path), help="File instead of the terminal.")
@click.pass_obj
def calibrate(options: Options, of: str, out: Path | None) -> None:
    """Propose what is frozen, from today's own people, as CSV.

    Give the rows a version and save them as `<home>/seeds/rfm_breakpoints.csv`, or
    `ror_calibration.csv`, to use them.
    """
    if text := query.run_query(options.settings(), PROPOSALS[of], kind="csv", out=out):
        click.echo(text)
