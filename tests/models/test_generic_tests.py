"""The project's own generic dbt tests fail where they should, and name what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.dbt_runs import run_dbt
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("lines", "failed"),
    [
        (["en,thanks", "it,thanks"], "unique_acknowledgements_phrase"),
        pytest.param(
            ["en,thanks", ",grazie"], "not_null_columns_acknowledgements", marks=pytest.mark.long
        ),
        (["en,thanks", "it,"], "not_null_columns_acknowledgements"),
    ],
    ids=["the same twice", "the first column empty", "the second column empty"],
)
def test_seed_when_it_breaks_a_rule_then_its_test_fails(
    tmp_path: Path, lines: list[str], failed: str
) -> None:
    home = RawWarehouse(tmp_path).home
    (home / "seeds").mkdir()
    (home / "seeds" / "acknowledgements.csv").write_text("\n".join(["language,phrase", *lines, ""]))
    run_dbt(home, "seed", "--select", "acknowledgements")
    with pytest.raises(AssertionError, match=failed):
        run_dbt(home, "test", "--select", "acknowledgements")


def test_seed_when_as_shipped_then_its_tests_pass(tmp_path: Path) -> None:
    home = RawWarehouse(tmp_path).home
    run_dbt(home, "seed")
    run_dbt(home, "test", "--select", "resource_type:seed")
