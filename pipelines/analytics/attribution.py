"""Fills the solved tables of attribution: every month, conversion type and channel-grain model.

    intermediate.int_attribution_journeys ─▶ Month ─▶ solved.attribution_{effects,runs,transitions}

A month whose journeys and parameters are as they were keeps its rows.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import duckdb
import numpy as np

from pipelines.analytics.months import Month, Rows, solve_markov, solve_rate_game
from pipelines.analytics.paths import Paths, paths_of_arrow
from pipelines.analytics.tables import SCHEMA, replace_rows
from pipelines.tables import rows_of

FOLDS = 5  # of int_attribution_journeys
SOLVERS = {"markov": solve_markov, "shapley_rate": solve_rate_game}
KEY = ("period_start_date", "conversion_type", "scope", "model_id")
TABLES = ("attribution_runs", "attribution_effects", "attribution_transitions")
Known = dict[str, dict[tuple[Any, ...], Rows]]


def solve_attribution(connection: duckdb.DuckDBPyConnection) -> int:
    """Solve what changed since the last time; returns the number of months and models solved."""
    names = [
        row["channel_id"]
        for row in rows_of(
            connection,
            "select channel_id from intermediate.int_attribution_channel_codes"
            " order by channel_code",
        )
    ]
    known = {table: _by_key(rows_of(connection, f"from {SCHEMA}.{table}")) for table in TABLES}
    kept: dict[str, Rows] = {table: [] for table in TABLES}
    solved_count = 0
    for group in _groups(connection):
        month = _month(connection, group, names)
        for model in group["models"]:
            key = {name: (group | model)[name] for name in KEY}
            before = _unchanged(known, key, month.input_hash(model["parameters"]))
            if before is None:
                solved_count += 1
                found = SOLVERS[model["family"]](month, model["parameters"])
                rows = ([found.run], found.effects, found.transitions)
                before = [[key | row for row in listed] for listed in rows]
            for table, listed in zip(TABLES, before, strict=True):
                kept[table] += listed
    for table, listed in kept.items():
        replace_rows(connection, table, listed)
    return solved_count


def _unchanged(known: Known, key: dict[str, Any], input_hash: str) -> list[Rows] | None:
    """Rows of a month in each table, where they rest on the same inputs."""
    listed = [known[table][tuple(key.values())] for table in TABLES]
    runs = listed[0]
    return listed if runs and runs[0]["input_hash"] == input_hash else None


def _by_key(rows: Rows) -> dict[tuple[Any, ...], Rows]:
    found: dict[tuple[Any, ...], Rows] = defaultdict(list)
    for row in rows:
        found[tuple(row[name] for name in KEY)].append(row)
    return found


def _groups(connection: duckdb.DuckDBPyConnection) -> Rows:
    """Months and conversion types with journeys, each with the models that read them."""
    models: dict[str, Rows] = defaultdict(list)
    for model in rows_of(
        connection,
        "select model_id, family, window_id, parameters"
        " from intermediate.int_attribution_models where is_channel_grain order by model_id",
    ):
        models[model.pop("window_id")].append(model)
    groups = rows_of(
        connection,
        "select distinct period_start_date, conversion_type, scope, window_id"
        " from intermediate.int_attribution_journeys order by all",
    )
    return [group | {"models": models[group["window_id"]]} for group in groups]


def _month(connection: duckdb.DuckDBPyConnection, group: dict[str, Any], names: list[str]) -> Month:
    folds = ", ".join(
        f"coalesce(sum({kind}_count) filter (fold = {fold}), 0)::double as {kind}_{fold}"
        for fold in range(FOLDS)
        for kind in ("conversion", "null")
    )
    # Channel numbers stand in the order of the names, so this order depends on names only.
    table = connection.execute(
        "select path, sum(conversion_count)::double as conversion_count,"
        " sum(null_count)::double as null_count, sum(value_minor)::double as value_minor,"
        f" sum(value_squared_sum order by fold) as value_squared_sum, {folds}"
        " from intermediate.int_attribution_journeys"
        " where period_start_date = ? and conversion_type = ? and window_id = ?"
        " group by path order by path",
        [group["period_start_date"], group["conversion_type"], group["window_id"]],
    ).to_arrow_table()
    counts = [
        np.asarray(table.column(f"{kind}_{fold}").to_numpy())
        for fold in range(FOLDS)
        for kind in ("conversion", "null")
    ]
    whole = paths_of_arrow(table, len(names))
    used = np.unique(whole.codes)
    local = Paths(
        np.searchsorted(used, whole.codes), whole.offsets,
        whole.conversions, whole.nulls, whole.values, whole.squares, len(used),
    )  # fmt: skip
    return Month(
        local,
        np.stack(counts, axis=1).reshape(len(local), FOLDS, 2),
        [names[code] for code in used],
    )
