from datetime import date

import click
import pytest

from pipelines.commands.backfill import nights


def test_nights_when_both_ends_are_given_then_both_are_included():
    assert nights(date(2026, 2, 27), date(2026, 3, 1)) == [
        date(2026, 2, 27), date(2026, 2, 28), date(2026, 3, 1),
    ]  # fmt: skip


@pytest.mark.parametrize("last", [date(2026, 2, 26), date(2036, 3, 8)])
def test_nights_when_they_end_before_they_begin_or_are_ten_years_then_usage_error(last):
    with pytest.raises(click.UsageError, match="nights"):
        nights(date(2026, 2, 27), last)
