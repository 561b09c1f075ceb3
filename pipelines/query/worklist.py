"""Today's work list as lines to read: whom to answer first, and why, in three languages."""

from __future__ import annotations

from typing import Any

from pipelines.errors import ExitCode, RorError
from pipelines.query.sandbox import Limits, sandbox
from pipelines.query.values import money, shown
from pipelines.settings import Settings
from pipelines.tables import rows_of

CELL_WIDTH = 60
LINE_WIDTH = 400  # reasons are sentences of ours with figures in them; longer ones are a mistake
WORDS = {
    "en": {
        "answer": "answer", "thank": "thank", "follow_up": "follow up", "check_in": "check in",
        "head": "{day}, {brand}: {today} of {open} things to do, {minutes} minutes",
        "capacity": " of {capacity}", "nothing": "{brand}: nothing to do",
        "unknown": "name unknown", "nowhere": "no network yet", "worth": "at stake {amount}",
        "bought": "Last purchase {day}.", "deal": "Deal {deal}, {stage}.",
        "writes": "writes {code}",
    },
    "it": {
        "answer": "rispondere", "thank": "ringraziare", "follow_up": "riprendere",
        "check_in": "farsi sentire",
        "head": "{day}, {brand}: {today} cose da fare su {open}, minuti: {minutes}",
        "capacity": " su {capacity}", "nothing": "{brand}: niente da fare",
        "unknown": "nome ignoto", "nowhere": "ancora nessuna rete", "worth": "in gioco {amount}",
        "bought": "Ultimo acquisto {day}.", "deal": "Trattativa {deal}, {stage}.",
        "writes": "scrive {code}",
    },
    "ru": {
        "answer": "ответить", "thank": "поблагодарить", "follow_up": "продолжить",
        "check_in": "напомнить о себе",
        "head": "{day}, {brand}: дел на сегодня {today} из {open}, минут: {minutes}",
        "capacity": " из {capacity}", "nothing": "{brand}: дел нет",
        "unknown": "имя неизвестно", "nowhere": "сети пока нет", "worth": "на кону {amount}",
        "bought": "Последняя покупка {day}.", "deal": "Сделка {deal}, {stage}.",
        "writes": "пишет на {code}",
    },
}  # fmt: skip
LANGUAGES = tuple(WORDS)
TOTALS = """
    select brand_id, coalesce(any_value(brands.name), brand_id) as brand,
        any_value(list_date) as day, count(*) filter (is_today) as today,
        count(item_id) filter (arm is distinct from 'holdout') as open,
        coalesce(sum(effort_minutes) filter (is_today), 0) as minutes,
        any_value(capacity_minutes) as capacity
    from reference.brands full join marts.worklist using (brand_id)
    group by brand_id order by brand_id"""
ITEMS = """
    select *, strftime(last_purchase_at, '%Y-%m-%d') as last_purchase_day from marts.worklist
    where is_today order by brand_id, rank_number"""
Row = dict[str, Any]


def todays_list(settings: Settings, language: str = "en", limit: int = 0) -> list[str]:
    """Lines on what to do today, per brand; `limit`: things per brand, 0 for all.

    `language`: en, it or ru. Exit 69 before the first publication.
    """
    if language not in WORDS:
        why = f"unknown language {language!r}"
        raise RorError("today", "--language", why, "ror today --help", ExitCode.USAGE)
    words = WORDS[language]
    with sandbox(settings, Limits()) as con:
        totals, items = (rows_of(con, sql) for sql in (TOTALS, ITEMS))
    lines: list[str] = []
    for total in totals:
        mine = [item for item in items if item["brand_id"] == total["brand_id"]]
        lines += ["", *_brand(words, total)] if lines else _brand(words, total)
        for item in mine[: limit or None]:
            lines += _item(words, item, language)
    return lines


def _brand(words: dict[str, str], total: Row) -> list[str]:
    facts = total | {"brand": shown(total["brand"], CELL_WIDTH)}
    if not total["open"]:
        return [words["nothing"].format(**facts)]
    has_limit = total["capacity"] is not None
    return [(words["head"] + (words["capacity"] if has_limit else "")).format(**facts)]


def _item(words: dict[str, str], item: Row, language: str) -> list[str]:
    """What to do for whom, then why, then what to know."""
    worth = money(item["value_at_stake_minor"], item["currency"])
    amount = f"{worth} {item['currency'] or ''}".rstrip()
    head = [
        words[item["action"]],
        item["masked_name"] or words["unknown"],
        item["network"] or words["nowhere"],
        words["worth"].format(amount=amount),
        words["writes"].format(code=item["language"]) if item["language"] else "",
    ]
    facts = [item[f"reasons_{language}"]]
    if item["last_purchase_day"] and item["action"] != "check_in":
        facts.append(words["bought"].format(day=item["last_purchase_day"]))
    if item["open_deal_id"]:
        stage = item["open_deal_stage"] or "?"
        facts.append(words["deal"].format(deal=item["open_deal_id"], stage=stage))
    lines = [
        f"{item['rank_number']:>3}  {', '.join(shown(part, CELL_WIDTH) for part in head if part)}",
        f"     {shown(' '.join(facts), LINE_WIDTH)}",
    ]
    place = item["post_url"] or item["conversation_id"]
    return [*lines, f"     {shown(place, LINE_WIDTH)}"] if place else lines
