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


@click.command()
@click.option("--out", "-o", type=click.Path(path_type=Path), help="File instead of the terminal.")
@click.pass_obj
def calibrate(options: Options, out: Path | None) -> None:
    """Propose breakpoints of recency, frequency and value from today's customers, as CSV.

    Give them a version and save them as `<home>/seeds/rfm_breakpoints.csv` to use them.
    """
    if text := query.run_query(options.settings(), PROPOSAL, kind="csv", out=out):
        click.echo(text)
