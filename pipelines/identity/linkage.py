"""Probabilistic linkage with Splink (Fellegi and Sunter 1969), on a DuckDB in memory.

The only importer of splink: the import takes seconds, so callers import this module when needed.
Nothing here draws lots but the training, which has a seed; one thread keeps sums in one order.
"""

from __future__ import annotations

import json
import logging
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison

from pipelines.identity.records import Record
from pipelines.tables import rows_of

SEED = 7
DIGITS = 9  # of a share
SMALLEST_FACTOR = 1e-12  # has a logarithm
LOGIN_RECALL = 0.6  # of pairs of one person's records, those with one log-in name; a judgement
U_PAIRS = 1_000_000  # random pairs from which agreement by chance is learnt
SIMILAR_FAMILY, SIMILAR_LOGIN = 0.92, 0.9  # Jaro-Winkler similarity
COMPARED = ("person_id", "given", "family", "login", "letters", "language")
BLOCKS = ("block_name", "block_login", "block_letters")
SCHEMA = pa.schema(
    [pa.field("record_id", pa.int64())]
    + [pa.field(name, pa.string()) for name in (*COMPARED, *BLOCKS)]
)
# Comparison → what each of its levels says, as Splink numbers them: 0 is "differs".
WORDS = {
    "name": ("names differ", "same given name", "same family name", "similar name", "same name"),
    "login": (
        "log-in differs",
        "similar log-in",
        "log-in with other digits",
        "log-in with and without digits",
        "same log-in",
    ),
    "language": ("language differs", "same language"),
}


@dataclass(frozen=True)
class Match:
    """Two records that may be of one person. `levels`: (what a comparison says, its weight)."""

    left: int
    right: int
    match_weight: float
    match_probability: float
    levels: tuple[tuple[str, float], ...]


def match(found: Sequence[Record], model: Path, least_probability: float) -> list[Match]:
    """Pairs that meet in a block and are at least so likely, the likeliest first.

    `model`: trained parameters. Weights are logarithms to base 2, rounded to 4 digits.
    """
    if len(found) < 2:
        return []
    settings = json.loads(model.read_text(encoding="utf-8"))
    with duckdb.connect(config={"threads": 1}) as connection:
        linker = _linker(connection, found, settings)
        predicted = linker.inference.predict(threshold_match_probability=least_probability)
        rows = rows_of(
            connection,
            f"select * from {predicted.physical_name}"
            " order by match_weight desc, record_id_l, record_id_r",
        )
        return [_match(row) for row in rows]


def train(found: Sequence[Record], model: Path) -> None:
    """Learn the parameters and write them; the same records give the same.

    Agreement by chance is learnt from one record of each person; agreement among matches from
    records that evidence has made one person already. Those are more alike than the ones that are
    looked for, hence what is learnt counts as much as what `_settings` states, no more.
    """
    one_each = {record.person_id: record for record in reversed(found)}
    with duckdb.connect(config={"threads": 1}) as connection:
        linker = _linker(connection, list(one_each.values())[::-1], _settings())
        linker.training.estimate_u_using_random_sampling(max_pairs=U_PAIRS, seed=SEED)
        by_chance = linker.misc.save_model_to_json()
    with duckdb.connect(config={"threads": 1}) as connection:
        linker = _linker(connection, found, _settings())
        linker.training.estimate_probability_two_random_records_match(
            [block_on("login")], recall=LOGIN_RECALL
        )
        linker.training.estimate_m_from_label_column("person_id")
        learnt = linker.misc.save_model_to_json()
    start = _settings().get_settings("duckdb").as_dict()  # type: ignore[no-untyped-call]
    three = (learnt["comparisons"], by_chance["comparisons"], start["comparisons"])
    for comparisons in zip(*three, strict=True):
        levels = zip(*(one["comparison_levels"] for one in comparisons), strict=True)
        for level, chance, stated in levels:
            if "m_probability" in stated:
                share = level["m_probability"] + stated["m_probability"]
                level["m_probability"] = round(share / 2, DIGITS)
                level["u_probability"] = round(chance["u_probability"], DIGITS)
    learnt["linker_uid"] = "shipped"  # drawn by chance otherwise
    model.write_text(json.dumps(learnt, indent=2, sort_keys=True) + "\n", encoding="utf-8")


def _settings() -> SettingsCreator:
    unknown = "given_l is null or given_r is null or family_l is null or family_r is null"
    similar = f"jaro_winkler_similarity(family_l, family_r) >= {SIMILAR_FAMILY}"
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record_id",
        blocking_rules_to_generate_predictions=[block_on(block) for block in BLOCKS],
        comparisons=[
            CustomComparison(
                output_column_name="name",
                comparison_levels=[
                    _null(unknown),
                    _level("given_l = given_r and family_l = family_r", 0.82, 0.0003)
                    | {"tf_adjustment_column": "family", "tf_adjustment_weight": 1.0},
                    _level(f"given_l = given_r and {similar}", 0.05, 0.0003),
                    _level("family_l = family_r", 0.04, 0.01),
                    _level("given_l = given_r", 0.05, 0.02),
                    _level("ELSE", 0.04, 0.9694),
                ],
            ),
            CustomComparison(
                output_column_name="login",
                comparison_levels=[
                    _null("login_l is null or login_r is null"),
                    _level("login_l = login_r", 0.6, 0.00001),
                    _level(
                        "letters_l = letters_r and letters_l in (login_l, login_r)", 0.1, 0.0001
                    ),
                    _level("letters_l = letters_r", 0.0003, 0.0003),
                    _level(
                        f"jaro_winkler_similarity(login_l, login_r) >= {SIMILAR_LOGIN}",
                        0.05,
                        0.0007,
                    ),
                    _level("ELSE", 0.2, 0.99899),
                ],
            ),
            CustomComparison(
                output_column_name="language",
                comparison_levels=[
                    _null("language_l is null or language_r is null"),
                    _level("language_l = language_r", 0.95, 0.4),
                    _level("ELSE", 0.05, 0.6),
                ],
            ),
        ],
        retain_intermediate_calculation_columns=True,
        retain_matching_columns=True,
    )


def _level(condition: str, among_matches: float, by_chance: float) -> dict[str, Any]:
    """A level with the shares to start from; they stay where training never meets the level."""
    return {
        "sql_condition": condition,
        "label_for_charts": condition,
        "m_probability": among_matches,
        "u_probability": by_chance,
    }


def _null(condition: str) -> dict[str, Any]:
    return {"sql_condition": condition, "label_for_charts": "unknown", "is_null_level": True}


def _linker(
    connection: duckdb.DuckDBPyConnection, found: Sequence[Record], settings: Any
) -> Linker:
    logging.getLogger("splink").setLevel(logging.ERROR)
    rows = [asdict(record) for record in found]
    table = pa.Table.from_pylist([{n: row[n] for n in SCHEMA.names} for row in rows], SCHEMA)
    connection.register("arrow_records", table)
    connection.execute("create table records as select * from arrow_records")
    return Linker("records", settings, DuckDBAPI(connection=connection), set_up_basic_logging=False)


def _match(row: dict[str, Any]) -> Match:
    levels = []
    for comparison, words in WORDS.items():
        level = row[f"gamma_{comparison}"]
        if level >= 0:
            factor = row[f"bf_{comparison}"] * (row.get(f"bf_tf_adj_{comparison}") or 1.0)
            levels.append((words[level], factor))
    weighed = tuple((word, round(_log2(factor), 1)) for word, factor in levels)
    return Match(
        row["record_id_l"], row["record_id_r"], round(row["match_weight"], 4),
        round(row["match_probability"], 6), weighed,
    )  # fmt: skip


def _log2(factor: float) -> float:
    return math.log2(max(factor, SMALLEST_FACTOR))
