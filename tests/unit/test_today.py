from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner

from pipelines.cli import ror
from pipelines.errors import ExitCode, RorError
from pipelines.query import todays_list
from pipelines.settings import Settings
from tests.support.publishing import home

TABLES = """
    create schema reference; create schema marts;
    create table reference.brands as
    select * from (values ('bean', 'Bean'), ('calm', 'Calm')) t(brand_id, name);
    create table marts.worklist as
    select * from (values
        ('i2', 'bean', date '2026-06-29', 'thank', 'treat', true, 2, null, null, 'x', null, 'p',
         'https://example.org/p', 50, 'EUR', 3, 9, 'Shared.', 'Condiviso.', 'Репост.', null, null, null),
        ('i1', 'bean', date '2026-06-29', 'answer', 'must_answer', true, 1, E'A\\x1b.', 'ru', 'dm', 't1',
         null, null, 123456, 'EUR', 6, 9, 'Waits.', 'Aspetta.', 'Ждёт.',
         timestamptz '2026-05-01', 'd1', 'Offer'),
        ('i3', 'bean', date '2026-06-29', 'thank', null, false, 3, null, null, 'x', null, null, null,
         1, 'EUR', 3, 9, '-', '-', '-', null, null, null),
        ('i4', 'bean', date '2026-06-29', 'thank', 'holdout', false, null, null, null, 'x', null, null,
         null, 1, 'EUR', 3, 9, '-', '-', '-', null, null, null)
    ) t(item_id, brand_id, list_date, action, arm, is_today, rank_number, masked_name, language,
        network, conversation_id, post_id, post_url, value_at_stake_minor, currency, effort_minutes,
        capacity_minutes, reasons_en, reasons_it, reasons_ru, last_purchase_at, open_deal_id,
        open_deal_stage)"""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    made = home(tmp_path_factory.mktemp("today"))
    (made.published / "one").mkdir(parents=True)
    with duckdb.connect(str(made.published / "one" / "warehouse.duckdb")) as con:
        con.execute(TABLES)
    (made.published / "current").symlink_to("one")
    return made


def test_list_when_printed_then_in_order_with_reasons_and_nobody_held_out(
    settings: Settings,
) -> None:
    assert todays_list(settings) == [
        "2026-06-29, Bean: 2 of 3 things to do, 9 minutes of 9",
        r"  1  answer, A\u001b., dm, at stake 1,234.56 EUR, writes ru",
        "     Waits. Last purchase 2026-05-01. Deal d1, Offer.",
        "     t1",
        "  2  thank, name unknown, x, at stake 0.50 EUR",
        "     Shared.",
        "     https://example.org/p",
        "",
        "Calm: nothing to do",
    ]


@pytest.mark.parametrize(
    ("language", "first", "why"),
    [
        ("it", "2026-06-29, Bean: 2 cose da fare su 3, minuti: 9 su 9", "     Aspetta. "),
        ("ru", "2026-06-29, Bean: дел на сегодня 2 из 3, минут: 9 из 9", "     Ждёт. "),
    ],
)
def test_list_when_another_language_is_asked_then_all_of_it_is_in_that(
    settings: Settings, language: str, first: str, why: str
) -> None:
    lines = todays_list(settings, language, limit=1)
    assert lines[0] == first
    assert lines[2].startswith(why)
    assert len(lines) == 6  # one thing, a blank line, the other brand


def test_today_when_nothing_is_published_then_one_line_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(RorError) as raised:
        todays_list(home(tmp_path))
    assert raised.value.code is ExitCode.UNAVAILABLE


def test_today_when_called_then_prints_the_list(settings: Settings) -> None:
    result = CliRunner().invoke(ror, ["--home", str(settings.root), "today", "-l", "ru"])
    assert result.exit_code == 0, result.output
    assert "ответить" in result.output
