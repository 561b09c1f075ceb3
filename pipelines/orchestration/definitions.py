"""The one entry Dagster sees: `dagster dev` shows the whole graph from here."""

from __future__ import annotations

from dagster import Definitions

from pipelines.orchestration.assets import (
    model_assets,
    published_asset,
    raw_api_assets,
    raw_files_assets,
    solved_assets,
)  # fmt: skip
from pipelines.orchestration.build import prepare_manifest
from pipelines.orchestration.jobs import nightly_job, nightly_schedule
from pipelines.orchestration.quality import quality_checks
from pipelines.orchestration.resources import Night
from pipelines.orchestration.scoring import negative_spike, scored_assets
from pipelines.settings import Settings, load_settings
from pipelines.sources.config import in_use


def build_definitions(settings: Settings) -> Definitions:
    """All assets, checks, the job and its schedule for the warehouse of these settings."""
    manifest = prepare_manifest(settings)
    models = model_assets(manifest)
    job = nightly_job(settings)
    return Definitions(
        assets=[
            raw_files_assets(settings),
            *(raw_api_assets(source, settings) for source in in_use(settings)),
            scored_assets(settings),
            *models,
            solved_assets,
            published_asset(models, manifest),
        ],
        asset_checks=[
            quality_checks("raw", "validate"),
            quality_checks("marts", "audit", last=models[-1].keys),
            negative_spike,
        ],
        jobs=[job],
        schedules=[nightly_schedule(settings, job)],
        resources={"night": Night()},
    )


defs = build_definitions(load_settings())
