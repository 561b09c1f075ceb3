"""`ror truth` on a published file made by hand."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import Options
from pipelines.commands.truth import truth
from pipelines.errors import RorError
from pipelines.settings import load_settings

PLANTED = {
    "orders": 7, "margin_minor": 1_234, "replies": 3, "log_lift": 0.1823215567939546,
    "verdicts": ["supported_linear", "too_few_treated"],
}  # fmt: skip


def publish(home: Path, verdict: str, reason: str | None) -> None:
    """A published file with the tables that the command reads, and what was planted."""
    served = load_settings(home=home).served_file
    served.parent.mkdir(parents=True)
    with duckdb.connect(str(served)) as con:
        con.execute("create schema marts")
        con.execute(
            "create table marts.people_weekly as"
            " select 7 as order_count, 1234 as margin_minor, 2 as personal_reply_count"
        )
        con.execute(
            "create table marts.roi_effects as select 'first_reply' as exposure_id,"
            " 'all' as segment, 'ratio' as scale, 'did' as method, 0.21 as lift,"
            " 0.1 as lift_ci_low, 0.33 as lift_ci_high"
        )
        con.execute(
            "create table marts.roi_verdicts as select 'first_reply' as exposure_id,"
            " 'all' as segment, ? as verdict, ?::varchar as verdict_reason,"
            " 'weak' as credibility",
            [verdict, reason],
        )
    (home / "truth").mkdir()
    (home / "truth" / "planted.json").write_text(json.dumps(PLANTED))


@pytest.mark.parametrize(
    ("verdict", "reason", "said"),
    [
        ("supported_linear", None, "supported_linear, weak (as planted)"),
        ("not_identified", "too_few_treated", "too_few_treated, weak (as planted)"),
        ("not_identified", "pretrend", "pretrend, weak (NOT as planted)"),
    ],
)
def test_truth_when_published_then_both_stand_in_one_line(tmp_path, verdict, reason, said):
    publish(tmp_path, verdict, reason)
    result = CliRunner().invoke(truth, obj=Options(tmp_path, debug=False))
    assert result.exit_code == 0, result.output
    lines = {line.split("  ")[0]: line for line in result.output.splitlines()}
    assert lines["orders"].split() == ["orders", "7", "7"]
    assert lines["replies"].split() == ["replies", "3", "2"]
    assert "+0.200" in lines["lift by the first reply"]
    assert "+0.210 (+0.100 to +0.330)" in lines["lift by the first reply"]
    assert "not estimated" in lines["the same, compared naively"]
    assert lines["verdict"].endswith(said)


def test_truth_when_nothing_was_generated_then_says_what_to_do(tmp_path):
    result = CliRunner().invoke(truth, obj=Options(tmp_path, debug=False))
    assert isinstance(result.exception, RorError)
    assert result.exception.line().endswith("next: ror demo")
