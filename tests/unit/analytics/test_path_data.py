"""The example data of the package ChannelAttribution: our reference figures, nine digits.

The package is GPL and not part of the project: `uv pip install --group oracle`.
"""

from __future__ import annotations

import csv
import hashlib
import importlib.util
from pathlib import Path

import numpy as np
import pytest

from pipelines.analytics.markov import Removal, credit, removal_effects
from pipelines.analytics.paths import Paths, paths_of_lists
from pipelines.analytics.shapley import additive
from tests.support.data import shared_data

SHA256 = "ebf235abf93a7fe0d1918a61ad30cfe39f4ef3fe2ed73784ced25b9120c3138d"


def path_data_file() -> Path:
    """The file inside the installed package; skips where it is absent."""
    spec = importlib.util.find_spec("cypack")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        file = Path(folder) / "data" / "Data.csv"
        if file.exists() and hashlib.sha256(file.read_bytes()).hexdigest() == SHA256:
            return file
    pytest.skip("ChannelAttribution 2.2.5 is not installed (dependency group `oracle`)")


def path_data() -> tuple[Paths, list[str]]:
    with path_data_file().open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines, delimiter=";"))
    named = [row["path"].split(" > ") for row in rows]
    channels = sorted({channel for path in named for channel in path})
    columns = [
        [float(row[name]) for row in rows]
        for name in ("total_conversions", "total_null", "total_conversion_value")
    ]
    paths = paths_of_lists(
        [[channels.index(c) for c in path] for path in named], *columns, len(channels)
    )
    return paths, channels


def expected(name: str, channels: list[str]) -> dict[str, np.ndarray]:
    with shared_data(f"attribution/{name}.csv").open(encoding="utf-8") as lines:
        rows = {row.pop("channel"): row for row in csv.DictReader(lines)}
    first = next(iter(rows.values()))
    return {column: np.array([float(rows[c][column]) for c in channels]) for column in first}


@pytest.mark.parametrize("order", [1, 2])
def test_markov_when_path_data_then_it_equals_the_reference(order):
    paths, channels = path_data()
    found, known = removal_effects(paths, order), expected(f"parity_markov_order_{order}", channels)
    assert isinstance(found, Removal)
    assert found.conversions == pytest.approx(known["removal_effect_conversions"], abs=1e-9)
    assert found.values == pytest.approx(known["removal_effect_value"], abs=1e-9)
    won = credit(found.conversions, paths.conversions.sum())
    assert won == pytest.approx(known["conversions"], rel=1e-9)
    assert credit(found.values, paths.values.sum()) == pytest.approx(known["value"], rel=1e-9)


def test_shapley_when_path_data_then_it_equals_the_reference():
    paths, channels = path_data()
    known = expected("parity_shapley_additive", channels)
    conversions, values = additive(paths)
    assert conversions == pytest.approx(known["conversions"], rel=1e-9)
    assert values == pytest.approx(known["value"], rel=1e-9)
