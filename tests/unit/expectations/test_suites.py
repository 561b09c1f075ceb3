import subprocess
import sys
from pathlib import Path

import pytest

from expectations.suites import declared_checks, load_suite
from pipelines.errors import ExitCode, RorError
from tests.support.data import ROOT

LINE = """
suite: raw_files
table_schema: raw_files
checks:
  - name: {name}
    tables: [{tables}]
    expectation: {expectation}
    {extra}
    because: A reason that is long enough to explain something.
"""


def write(folder: Path, **words: str) -> Path:
    path = folder / "raw" / "files.yml"
    path.parent.mkdir(exist_ok=True)
    chosen = {
        "name": "row_count",
        "tables": "messages",
        "expectation": "expect_table_row_count_to_be_between",
        "extra": "warn: {above: 10}",
    } | words
    path.write_text(LINE.format(**chosen), encoding="utf-8")
    return path


@pytest.mark.parametrize("kind", ["raw", "marts"])
def test_shipped_suites_when_read_then_ids_are_unique_and_name_their_table(kind: str) -> None:
    checks = declared_checks(kind)
    ids = [check.check_id for check in checks]
    assert len(set(ids)) == len(ids) > 30
    for check in checks:
        assert check.check_id == f"{check.table_schema}.{check.table_name}.{check.line.name}"


def test_shipped_ids_when_read_then_the_ones_that_history_hangs_on_exist() -> None:
    ids = {check.check_id for kind in ("raw", "marts") for check in declared_checks(kind)}
    assert ids >= {
        "raw_files.messages.row_count_against_median",
        "raw_files.messages.hours_since_newest",
        "raw_files.messages.author_present_share",
        "raw_files.orders.amounts_beyond_usual",
        "marts.people.row_count_against_previous_run",
        "marts.responses.response_rate_of_matured_month",
        "marts.attribution_reconciliation.unattributed_share",
    }


def test_money_and_personal_data_when_declared_then_cannot_be_accepted() -> None:
    fixed = {c.line.name for c in declared_checks("marts") if not c.line.can_be_accepted}
    assert fixed == {
        "personal_data_in_texts",
        "order_money_missing_or_extra",
        "refund_money_missing_or_extra",
    }
    guarded = [c for c in declared_checks("marts") if c.line.personal_data]
    assert {c.table_name for c in guarded} == {c.table_name for c in declared_checks("marts")}


def test_reading_suites_when_done_then_great_expectations_is_not_imported() -> None:
    code = (
        "import sys; from expectations.suites import declared_checks; import expectations.client;"
        "declared_checks('raw'); print('great_expectations' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("words", "place", "why"),
    [
        ({"extra": "warn: {abov: 10}"}, "checks.0.warn.abov", "not permitted"),
        ({"extra": "unit: rows"}, "checks.0", "needs warn or block"),
        ({"expectation": "expect_magic"}, "checks.0", "unknown expectation"),
        ({"extra": "warn: {fall: 0.1}"}, "checks.0", "against is missing"),
        ({"expectation": "expect_measure_to_be_between"}, "checks.0", "exactly one of"),
        ({"name": "Row Count"}, "checks.0.name", "pattern"),
        ({"tables": "messages, messages"}, "row_count", "declared twice"),
    ],
)
def test_suite_when_wrong_then_one_line_names_file_and_place(
    tmp_path: Path, words: dict[str, str], place: str, why: str
) -> None:
    write(tmp_path, **words)
    with pytest.raises(RorError) as refused:
        declared_checks("raw", tmp_path)
    line = refused.value.line()
    assert refused.value.code is ExitCode.CONFIGURATION
    assert f"raw/files.yml: {place}" in line
    assert why in line
    assert "\n" not in line


def test_suite_when_no_yaml_then_one_line(tmp_path: Path) -> None:
    path = tmp_path / "files.yml"
    path.write_text("checks: [", encoding="utf-8")
    with pytest.raises(RorError) as refused:
        load_suite(path)
    assert "\n" not in refused.value.line()


def test_mart_suite_when_it_names_another_table_then_refused(tmp_path: Path) -> None:
    path = tmp_path / "marts" / "people.yml"
    path.parent.mkdir()
    path.write_text(write(tmp_path).read_text(), encoding="utf-8")
    with pytest.raises(RorError, match="tables must be"):
        load_suite(path)
