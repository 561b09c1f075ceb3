"""Proposed breakpoints: a fifth of the customers lies between two of them."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import Options
from pipelines.commands.calibrate import calibrate
from pipelines.settings import load_settings


def test_calibrate_when_ten_customers_then_each_fifth_has_two(tmp_path: Path) -> None:
    served = load_settings(home=tmp_path).served_file
    served.parent.mkdir(parents=True)
    with duckdb.connect(str(served)) as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.rfm_scores as select 'p' || n as person_id, n * 10 as recency_days,"
            " n as frequency_count, n * 100 as monetary_minor from range(1, 11) as t(n)"
        )
    out = tmp_path / "proposal.csv"
    result = CliRunner().invoke(calibrate, ["--out", str(out)], obj=Options(tmp_path, debug=False))
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8") as file:
        found = [(r["measure"], r["quintile"], r["breakpoint"]) for r in csv.DictReader(file)]
    assert found == [
        # Above 2, 4, 6 and 8 purchases; below 90, 70, 50 and 30 days.
        *[("frequency_count", str(q), str(n)) for q, n in ((2, 2), (3, 4), (4, 6), (5, 8))],
        *[("monetary_minor", str(q), str(n)) for q, n in ((2, 200), (3, 400), (4, 600), (5, 800))],
        *[("recency_days", str(q), str(n)) for q, n in ((2, 90), (3, 70), (4, 50), (5, 30))],
    ]  # fmt: skip


def test_calibrate_when_nobody_shows_a_component_then_its_frozen_values_are_proposed(
    tmp_path: Path,
) -> None:
    served = load_settings(home=tmp_path).served_file
    served.parent.mkdir(parents=True)
    with duckdb.connect(str(served)) as con:
        con.execute("create schema marts")
        con.execute("create schema reference")
        con.execute(
            "create table marts.ror_score_components_weekly as"
            " select date '2026-01-05' as week_start_date, component, n / 20.0 - 1 as raw_value,"
            " if(component = 'sentiment', 1.8, 0) as evidence_count"
            " from range(41) as t(n), (values ('sentiment'), ('recognition')) as c(component)"
        )
        con.execute(
            "create table reference.ror_calibration as select '1' as version, component,"
            " 0.5::double as quantile, 7.0 as raw_value, date '2025-01-01' as frozen_on"
            " from (values ('sentiment'), ('recognition')) as c(component)"
        )
    out = tmp_path / "proposal.csv"
    result = CliRunner().invoke(
        calibrate, ["--of", "ror", "--out", str(out)], obj=Options(tmp_path, debug=False)
    )
    assert result.exit_code == 0, result.output
    with out.open(encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [tuple(row.values()) for row in found if row["component"] == "recognition"] == [
        ("proposed", "recognition", "0.5", "7.0", "2025-01-01")
    ]
    # Of 41 people the third, fifth and so on stand at the steps of one twentieth.
    sentiments = [row for row in found if row["component"] == "sentiment"]
    assert [(float(row["quantile"]), float(row["raw_value"])) for row in sentiments] == [
        (step / 20, pytest.approx(step / 10 - 1)) for step in range(21)
    ]
    assert {row["frozen_on"] for row in sentiments} == {"2026-01-12"}
