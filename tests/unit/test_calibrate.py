"""Proposed breakpoints: a fifth of the customers lies between two of them."""

from __future__ import annotations

import csv
from pathlib import Path

import duckdb
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
