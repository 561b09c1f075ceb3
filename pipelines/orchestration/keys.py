"""Asset keys are what one types in SQL: `[schema, table]`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dagster import AssetKey, AssetSpec, LastPartitionMapping, PartitionMapping
from dagster_dbt import DagsterDbtTranslator, DagsterDbtTranslatorSettings
from dagster_dlt import DagsterDltTranslator
from dagster_dlt.translator import DltResourceTranslatorData

POOL = "duckdb"  # everything that opens the build file; one at a time


class RawTranslator(DagsterDltTranslator):
    """dlt resource `messages` of source `files` is the asset `raw_files/messages`."""

    def get_asset_spec(self, data: DltResourceTranslatorData) -> AssetSpec:
        """Spec with our key and without dlt's guess of an upstream asset."""
        spec = super().get_asset_spec(data)
        key = AssetKey([f"raw_{data.resource.source_name}", data.resource.name])
        return spec.replace_attributes(key=key, deps=[], group_name="raw")


class ModelTranslator(DagsterDbtTranslator):
    """dbt model `marts.interactions` is the asset `marts/interactions`; raw tables keep theirs."""

    def __init__(self) -> None:
        super().__init__(
            settings=DagsterDbtTranslatorSettings(enable_duplicate_source_asset_keys=True)
        )

    def get_asset_key(self, dbt_resource_props: Mapping[str, Any]) -> AssetKey:
        """`[schema, table]` for models, seeds and sources alike."""
        name = dbt_resource_props.get("identifier") or dbt_resource_props.get("alias")
        return AssetKey([dbt_resource_props["schema"], name or dbt_resource_props["name"]])

    def get_group_name(self, dbt_resource_props: Mapping[str, Any]) -> str | None:
        """Layers are groups in the graph."""
        return str(dbt_resource_props["schema"])

    def get_partition_mapping(
        self,
        dbt_resource_props: Mapping[str, Any],
        dbt_parent_resource_props: Mapping[str, Any],
    ) -> PartitionMapping | None:
        """Tonight's partition of raw tables: listing all since 2010 takes seconds."""
        del dbt_resource_props
        is_raw = str(dbt_parent_resource_props["schema"]).startswith("raw_")
        return LastPartitionMapping() if is_raw else None
