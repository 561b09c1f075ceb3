"""Attribution beside ChannelAttribution and lifetimes, same files, runs in turn, best of several.

`make bench-attribution` installs the peers in an environment of their own and runs all parts.
Options: --paths N (default 10,000,000), --rounds N (3), --peer PYTHON. One part alone, as the
parent runs it: --part NAME --folder FOLDER.

Paths: 12 channels of skewed use, mean length 4, at most 20, about 8 % converting, one row each,
as text in Parquet for both sides. Ours reads, counts distinct paths and solves.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.measure import Measured, measure

CHANNELS = tuple(f"channel {letter}" for letter in "abcdefghijkl")
PAIRS = {"rules": "peer_rules", "markov": "peer_markov", "bgnbd_200k": "peer_bgnbd"}
ALONE = ("markov_3", "rate_game", "bgnbd_1m")
SEPARATOR = ">"  # the peer takes one sign only
READ = """
    select string_split(path, '>') as names, conversion_count, null_count, value_minor,
        value_squared_sum
    from counted
"""
BATCH_PATHS = 200_000
COUNT = """
    create temp table counted as
    select path, sum(conversions)::double as conversion_count, sum(nulls)::double as null_count,
        sum(value) as value_minor, 0.0::double as value_squared_sum
    from read_parquet('{file}') group by path;
"""
RULES = """
    select 'first' as model, split_part(path, '>', 1) as channel, sum(conversion_count),
        sum(value_minor) from counted where conversion_count > 0 group by all
    union all
    select 'last', split_part(path, '>', -1), sum(conversion_count), sum(value_minor)
    from counted where conversion_count > 0 group by all
    union all
    select 'linear', channel, sum(conversion_count / touches), sum(value_minor / touches)
    from (
        select unnest(string_split(path, '>')) as channel, conversion_count, value_minor,
            len(string_split(path, '>')) as touches
        from counted where conversion_count > 0
    ) group by all
    order by all
"""


def write_paths(file: Path, count: int) -> None:
    """One row per journey: path as text, conversions, nulls, value."""
    with duckdb.connect() as con:
        con.execute("select setseed(0.5)")
        names = "[" + ", ".join(f"'{name}'" for name in CHANNELS) + "]"
        con.execute(f"""
            copy (
                select array_to_string(list_transform(
                    range(least(20, 1 + (-4 * ln(1 - u))::int)),
                    lambda i: {names}[
                        1 + (12 * pow((hash(n * 32 + i) % 1000003) / 1000003.0, 2.2))::int % 12
                    ]
                ), '{SEPARATOR}') as path,
                (w < 0.08)::bigint as conversions, (w >= 0.08)::bigint as nulls,
                case when w < 0.08 then (1000 * u)::bigint::double else 0 end as value
                from (
                    select n, (hash(n) % 1000003) / 1000003.0 as u,
                        (hash(n + 7000000000) % 1000003) / 1000003.0 as w
                    from range({count}) as t(n)
                )
            ) to '{file}' (format parquet)""")


def rules(folder: Path) -> object:
    with _connection() as con:
        con.execute(COUNT.format(file=folder / "paths.parquet"))
        return {f"{m} {c}": n for m, c, n, _ in con.execute(RULES).fetchall()}


def markov(folder: Path) -> object:
    from pipelines.analytics.markov import Removal, removal_effects
    from pipelines.analytics.paths import paths_of_arrow

    codes: dict[str, int] = {}
    with _connection() as con:
        con.execute(COUNT.format(file=folder / "paths.parquet"))
        batches = con.execute(READ).to_arrow_reader(BATCH_PATHS)
        table = pa.Table.from_batches([_coded(batch, codes) for batch in batches])
    paths = paths_of_arrow(table, len(codes))
    del table
    found = removal_effects(paths, 1)
    assert isinstance(found, Removal)
    return {name: float(found.conversions[code]) for name, code in codes.items()}


def _coded(batch: pa.RecordBatch, codes: dict[str, int]) -> pa.RecordBatch:
    """A number for each name, the same in all batches."""
    names = batch.column(0)
    known = names.flatten().dictionary_encode()
    for name in known.dictionary.to_pylist():
        codes.setdefault(name, len(codes))
    places = np.array([codes[name] for name in known.dictionary.to_pylist()], np.uint16)
    offsets = pc.subtract(names.offsets, names.offsets[0])
    path = pa.ListArray.from_arrays(offsets, pa.array(places[np.asarray(known.indices)]))
    return pa.RecordBatch.from_arrays([path, *batch.columns[1:]], ["path", *batch.schema.names[1:]])


def peer_rules(folder: Path) -> object:
    import ChannelAttribution  # type: ignore[import-not-found]
    import pandas as pd

    data = pd.read_parquet(folder / "paths.parquet")
    found = ChannelAttribution.heuristic_models(
        data, "path", "conversions", var_value="value", sep=SEPARATOR, flg_pro=False
    )
    columns = {"first": "first_touch", "last": "last_touch", "linear": "linear_touch"}
    return {
        f"{name} {row['channel_name']}": row[f"{column}_conversions"]
        for _, row in found.iterrows()
        for name, column in columns.items()
    }


def peer_markov(folder: Path) -> object:
    import ChannelAttribution
    import pandas as pd

    data = pd.read_parquet(folder / "paths.parquet")
    found = ChannelAttribution.markov_model(
        data, "path", "conversions", var_value="value", var_null="nulls",
        out_more=True, sep=SEPARATOR, verbose=False, flg_pro=False,
    )  # fmt: skip
    effects = found["removal_effects"]
    return dict(zip(effects["channel_name"], effects["removal_effects_conversion"], strict=True))


def markov_3(_folder: Path) -> object:
    """Order 3 with 2,000 states, in this process: the chain and its solution."""
    from pipelines.analytics.markov import Removal, removal_effects
    from pipelines.analytics.paths import paths_of_lists

    random = np.random.default_rng(1)
    lists = random.integers(0, 13, (60_000, 6)).tolist()
    won = random.integers(0, 2, len(lists))
    paths = paths_of_lists(lists, won, 1 - won, won, 13)
    started = time.perf_counter()
    found = removal_effects(paths, 3)
    assert isinstance(found, Removal)
    return {"states": found.state_count, "seconds": time.perf_counter() - started}


def rate_game_20(_folder: Path) -> object:
    """The rate game of 20 channels, in this process."""
    from pipelines.analytics.paths import paths_of_lists
    from pipelines.analytics.shapley import rate_game

    random = np.random.default_rng(1)
    lists = [random.integers(0, 20, 4).tolist() for _ in range(20_000)]
    won = random.integers(0, 2, len(lists))
    paths = paths_of_lists(lists, won, 1 - won, won, 20)
    started = time.perf_counter()
    rate_game(paths)
    return {"seconds": time.perf_counter() - started}


def write_customers(file: Path, count: int) -> None:
    """BG/NBD customers of the published parameters, seen for up to two years; weeks, 2 decimals."""
    random = np.random.default_rng(3)
    r, alpha, a, b = 0.243, 4.414, 0.793, 2.426
    age = np.round(random.integers(7, 730, count) / 7, 2)
    rate, leaves = random.gamma(r, 1 / alpha, count), random.beta(a, b, count)
    x, last, clock = np.zeros(count), np.zeros(count), np.zeros(count)
    active = np.arange(count)
    while len(active):
        clock[active] += random.exponential(1 / np.maximum(rate[active], 1e-12))
        active = active[clock[active] < age[active]]
        x[active] += 1
        last[active] = np.round(np.round(clock[active] * 7) / 7, 2)
        active = active[random.random(len(active)) > leaves[active]]
    import pyarrow as pa
    import pyarrow.parquet

    columns = {"frequency": x, "recency": np.minimum(last, age), "age": age}
    pyarrow.parquet.write_table(pa.table(columns), file)


def bgnbd_1m(folder: Path) -> object:
    return _bgnbd(folder / "customers.parquet", 1_000_000)


def bgnbd_200k(folder: Path) -> object:
    return _bgnbd(folder / "customers.parquet", 200_000)


def _bgnbd(file: Path, count: int) -> object:
    from pipelines.analytics import bgnbd
    from pipelines.analytics.bgnbd import Customers

    started = time.perf_counter()
    with _connection() as con:
        table = con.execute(
            "select frequency, recency, age, count(*)::double from"
            f" (from read_parquet('{file}') limit {count}) group by all"
        ).to_arrow_table()
    columns = (column.to_numpy() for column in table.columns)
    found = bgnbd.fit(Customers(*columns))
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "distinct": len(table), "parameters": found.parameters.tolist()}


def peer_bgnbd(folder: Path) -> object:
    import pandas as pd
    from lifetimes import BetaGeoFitter  # type: ignore[import-not-found]

    data = pd.read_parquet(folder / "customers.parquet").head(200_000)
    started = time.perf_counter()
    data = data.groupby(["frequency", "recency", "age"]).size().reset_index(name="weight")
    fitted = BetaGeoFitter().fit(data["frequency"], data["recency"], data["age"], data["weight"])
    seconds = time.perf_counter() - started
    return {
        "seconds": seconds,
        "parameters": [float(fitted.params_[n]) for n in ("r", "alpha", "a", "b")],
    }


PARTS = {
    "rules": rules, "markov": markov, "peer_rules": peer_rules, "peer_markov": peer_markov,
    "markov_3": markov_3, "rate_game": rate_game_20, "bgnbd_1m": bgnbd_1m,
    "bgnbd_200k": bgnbd_200k, "peer_bgnbd": peer_bgnbd,
}  # fmt: skip


def _connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"memory_limit": "1536MiB", "preserve_insertion_order": "false"})


def compare(folder: Path, peer: str, rounds: int) -> None:
    """Run each pair in turn and print the best of each side."""
    for ours, theirs in PAIRS.items():
        best: dict[str, Measured] = {}
        for _ in range(rounds):
            for part, python in ((ours, sys.executable), (theirs, peer)):
                found = _run(part, python, folder)
                best[part] = min(best.get(part, found), found, key=lambda run: run.wall)
        mine, other = best[ours], best[theirs]
        print(f"{ours:<12} {_figures(mine)}\n{theirs:<12} {_figures(other)}")
        print(
            f"  peer/ours: {other.wall / mine.wall:.1f} x wall, {other.cpu / mine.cpu:.1f} x CPU,"
            f" {other.peak_mb / mine.peak_mb:.1f} x memory"
        )
        _agree(json.loads(mine.output.splitlines()[-1]), json.loads(other.output.splitlines()[-1]))
    for part in ALONE:
        found = _run(part, sys.executable, folder)
        print(f"{part:<12} {_figures(found)}  {found.output.splitlines()[-1][:200]}")


def _agree(mine: dict[str, float], other: dict[str, float]) -> None:
    shared = [key for key in mine if key in other and isinstance(mine[key], float | int)]
    if len(shared) > 1:
        worst = max(abs(mine[key] - other[key]) / max(abs(mine[key]), 1e-12) for key in shared)
        print(f"  largest relative difference of the answers: {worst:.2e}")
    elif "seconds" in mine:
        print(f"  seconds without start and reading: {mine['seconds']:.2f}, {other['seconds']:.2f}")


def _run(part: str, python: str, folder: Path) -> Measured:
    command = [python, "-m", "benchmarks.attribution", "--part", part, "--folder", str(folder)]
    return measure(command, os.environ | {"PYTHONWARNINGS": "ignore"})


def _figures(run: Measured) -> str:
    return f"{run.wall:8.1f} s wall {run.cpu:8.1f} s CPU {run.peak_mb:8.0f} MB"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--paths", type=int, default=10_000_000)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--peer", default=sys.executable, help="Python that has the peers.")
    parser.add_argument("--part", choices=sorted(PARTS))
    parser.add_argument("--folder", type=Path)
    chosen = parser.parse_args()
    if chosen.part:
        print(json.dumps(PARTS[chosen.part](chosen.folder)))
        return
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        if not (folder / "paths.parquet").exists():
            write_paths(folder / "paths.parquet", chosen.paths)
        if not (folder / "customers.parquet").exists():
            write_customers(folder / "customers.parquet", chosen.customers)
        compare(folder, chosen.peer, chosen.rounds)


if __name__ == "__main__":
    main()
