"""The step between loading and the models: sentiment of what is new, from the raw tables; and the
alert after them.

Annotations are real objects here: Dagster looks at them.
"""

from collections.abc import Iterator
from typing import Any

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetKey,
    AssetsDefinition,
    AssetSpec,
    MaterializeResult,
    asset_check,
    multi_asset,
)

from pipelines import alerts, failpoints, publish
from pipelines.context import reported_date
from pipelines.orchestration.keys import POOL
from pipelines.orchestration.resources import Night
from pipelines.sentiment.cache import Outcome, score_messages, scorer_of
from pipelines.sentiment.feedback import load_feedback, measure_quality
from pipelines.sentiment.messages import TEXT_TABLES
from pipelines.sentiment.spikes import spikes_of
from pipelines.sentiment.store import SCHEMA, TABLES
from pipelines.settings import Settings
from pipelines.sources import files
from pipelines.sources.config import in_use


def scored_assets(settings: Settings) -> AssetsDefinition:
    """`scoring/<table>`: each distinct text of people scored once per version."""
    loaded = {files.NAME, *(source.name for source in in_use(settings))}
    texts = [
        AssetKey([f"raw_{one.source}", one.table]) for one in TEXT_TABLES if one.source in loaded
    ]

    @multi_asset(
        name="score",
        specs=[
            AssetSpec(AssetKey([SCHEMA, table]), deps=texts, group_name=SCHEMA) for table in TABLES
        ],
        pool=POOL,
    )
    def score(night: Night) -> Iterator[MaterializeResult[Any]]:
        run = night.run
        with run.ledger.phase(run.run_id, "score") as record:
            failpoints.hit("score.before")
            with publish.build_connection(run.settings) as connection:
                outcome = score_messages(
                    connection,
                    scorer_of(run.settings),
                    scored_at=run.started_at,
                    done=run.beating("score"),
                )
                load_feedback(connection, run.settings.feedback_file)
                measure_quality(connection, run.settings.sentiment_artefact)
            record.rows_out = outcome.scored
        for table in TABLES:
            yield MaterializeResult(
                asset_key=AssetKey([SCHEMA, table]), metadata=_metadata(outcome)
            )

    return score


def _metadata(outcome: Outcome) -> dict[str, Any]:
    return {
        "score_version": outcome.score_version,
        "scored": outcome.scored,
        "scored_again": outcome.again,
        "scored_by_embed": outcome.embedded,
        "cached": outcome.cached,
        "waiting": outcome.waiting,
        "seconds": round(outcome.seconds, 3),
        "rows_per_second": round(outcome.scored / max(outcome.seconds, 1e-3)),
    }


@asset_check(
    asset=AssetKey(["marts", "sentiment_daily"]),
    description="No brand's negative messages stood out on the date that ended; tells people else.",
    pool=POOL,
)
def negative_spike(night: Night) -> AssetCheckResult:
    """One alert per brand and language; the night stays as good as it is."""
    run = night.run
    day = reported_date(run.as_of, run.settings.time_zone)
    with publish.build_connection(run.settings) as connection:
        spikes = spikes_of(connection, day)
    for spike in spikes:
        alerts.send(run, "negative_spike", spike.subject, "warning", spike.line())
    return AssetCheckResult(
        passed=not spikes,
        severity=AssetCheckSeverity.WARN,
        metadata={"spikes": [spike.subject for spike in spikes]},
    )
