"""What the semantic manifest says: metrics, the tables under them, and by what one may divide."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.errors import ExitCode, RorError
from pipelines.settings import Settings

MANIFEST_NAME = "semantic_manifest.json"
# Finest first: a metric of weeks can be asked by month, never by day.
GRANULARITIES = ("day", "week", "month", "quarter", "year")


@dataclass(frozen=True)
class SemanticModel:
    """A table with measures.

    `slices`: keys that many tables share; `dimensions`: word to MetricFlow's name of a column that
    is this table's own; `time_column`, `granularity`: the date that its metrics have.
    """

    name: str
    schema: str
    table: str
    slices: tuple[str, ...]
    dimensions: Mapping[str, str]
    time_column: str
    granularity: str


@dataclass(frozen=True)
class Metric:
    """A metric as the semantic layer defines it.

    `parts`: the metrics it is made of, a numerator first; `models`: the tables under it; `grain`:
    columns of its view, the date last; `example`: rows of the tables and the value by hand.
    """

    name: str
    label: str
    definition: str
    kind: str
    parts: tuple[str, ...]
    models: tuple[SemanticModel, ...]
    grain: tuple[str, ...]
    additivity: str
    owner: str
    example: Mapping[str, Any]

    @property
    def granularity(self) -> str:
        """Finest period that the metric can be asked by."""
        return coarsest(model.granularity for model in self.models)


def manifest_of(settings: Settings) -> Path:
    """The semantic manifest of a home; written with the dbt manifest by the first run."""
    return settings.dbt_folder / "target" / MANIFEST_NAME


def read_manifest(path: Path) -> dict[str, Any]:
    """The semantic manifest in order, its tables named without a database.

    Exit 69 when there is none, 78 when it cannot be read.
    """
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        # dbt lists them as its file system does, and MetricFlow numbers its subqueries by that.
        for part in ("semantic_models", "metrics"):
            manifest[part] = sorted(manifest[part], key=lambda entry: str(entry["name"]))
        spines = manifest["project_configuration"]["time_spines"]
        for holder in (*manifest["semantic_models"], *spines):
            relation = holder["node_relation"]
            relation["relation_name"] = f'"{relation["schema_name"]}"."{relation["alias"]}"'
            relation["database"] = None
    except FileNotFoundError as error:
        why = "no run has written the metrics yet"
        raise RorError("metric", path.name, why, "ror run", ExitCode.UNAVAILABLE) from error
    except (OSError, ValueError, KeyError) as error:
        why = "is no semantic manifest"
        raise RorError("metric", path.name, why, "ror run", ExitCode.CONFIGURATION) from error
    return manifest


def read_metrics(manifest: Mapping[str, Any]) -> dict[str, Metric]:
    """All metrics by name, in alphabetical order."""
    models = [(entry, _model(entry)) for entry in manifest["semantic_models"]]
    of_measure = {
        measure["name"]: model for entry, model in models for measure in entry["measures"]
    }
    return {entry["name"]: _metric(entry, of_measure) for entry in manifest["metrics"]}


def coarsest(granularities: Iterable[str]) -> str:
    """The longest of some periods."""
    return max(granularities, key=GRANULARITIES.index)


def from_period(finest: str) -> tuple[str, ...]:
    """A period and all longer ones."""
    return GRANULARITIES[GRANULARITIES.index(finest) :]


def common_dimensions(metrics: Iterable[Metric]) -> dict[str, str]:
    """Word to MetricFlow's name of everything that all of the metrics can be divided by."""
    models = {model.name: model for metric in metrics for model in metric.models}
    found = [
        {name: name for name in model.slices} | dict(model.dimensions) for model in models.values()
    ]
    first, *others = found
    return {
        word: name
        for word, name in sorted(first.items())
        if all(other.get(word) == name for other in others)
    }


def _model(entry: Mapping[str, Any]) -> SemanticModel:
    relation, time_column = entry["node_relation"], entry["defaults"]["agg_time_dimension"]
    dimensions = {dimension["name"]: dimension for dimension in entry["dimensions"]}
    return SemanticModel(
        name=entry["name"],
        schema=relation["schema_name"],
        table=relation["alias"],
        slices=tuple(entity["name"] for entity in entry["entities"]),
        dimensions={
            name: f"{entry['primary_entity']}__{name}"
            for name, dimension in dimensions.items()
            if dimension["type"] == "categorical"
        },
        time_column=time_column,
        granularity=dimensions[time_column]["type_params"]["time_granularity"],
    )


def _name(model: SemanticModel) -> str:
    return model.name


def _metric(entry: Mapping[str, Any], of_measure: Mapping[str, SemanticModel]) -> Metric:
    params, meta = entry["type_params"], entry["config"]["meta"]
    ratio = [params[name]["name"] for name in ("numerator", "denominator") if params[name]]
    inputs = [of_measure[measure["name"]] for measure in params["input_measures"]]
    return Metric(
        name=entry["name"],
        label=entry["label"],
        definition=" ".join(entry["description"].split()),
        kind=entry["type"],
        parts=tuple(ratio or [part["name"] for part in params["metrics"]]),
        models=tuple(sorted({model.name: model for model in inputs}.values(), key=_name)),
        grain=tuple(meta["grain"]),
        additivity=meta["additivity"],
        owner=meta["owner"],
        example=meta["example"],
    )
