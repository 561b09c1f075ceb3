from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest

from pipelines.world.dice import Dice
from pipelines.world.people import latin
from pipelines.world.texts import BOOKS
from pipelines.world.voice import answer, say

SEED = Path(__file__).resolve().parents[3] / "dbt_project" / "seeds" / "acknowledgements.csv"


@pytest.mark.parametrize("language", ["en", "it", "ru"])
def test_acknowledgements_when_compared_with_the_seed_then_the_warehouse_knows_each(
    language: str,
) -> None:
    with SEED.open(encoding="utf-8", newline="") as file:
        known = {row["phrase"] for row in csv.DictReader(file) if row["language"] == language}

    for phrase in BOOKS[language].acknowledgements:
        assert " ".join(re.findall(r"\w+", phrase.lower())) in known, phrase


@pytest.mark.parametrize("language", ["en", "it", "ru"])
def test_texts_when_said_then_no_gap_is_left_open(language: str) -> None:
    dice = Dice(1, "conversations")
    topics = ("question", "complaint", "praise", "follow_up", "thanks", "bot", "peer", "spam")
    said = [say(dice, language, topic, n) for topic in topics for n in (0, 1) for _ in range(40)]
    answers = [answer(dice, language, t, "Anna")[0] for t in topics[:4] for _ in range(40)]

    assert not [text for text in said + answers if "{" in text]


def test_answer_when_the_name_is_unknown_then_it_names_nobody() -> None:
    dice = Dice(1, "conversations")
    answers = [answer(dice, "it", "praise", "") for _ in range(50)]

    assert not any(is_named for _, is_named in answers)
    assert all(text[0].isupper() for text, _ in answers)


def test_answer_when_it_says_that_it_names_the_person_then_the_name_stands_in_it() -> None:
    dice = Dice(1, "conversations")
    answers = [answer(dice, "ru", "question", "Ольга") for _ in range(50)]

    assert {is_named for _, is_named in answers} == {True, False}
    assert all(("Ольга" in text) is is_named for text, is_named in answers)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Щерба", "shcherba"), ("Юлия", "yuliya"), ("Niccolò", "niccolo"), ("O'Brien", "obrien")],
)
def test_latin_when_a_name_is_written_in_another_alphabet_then_ascii_letters_remain(
    name: str, expected: str
) -> None:
    assert latin(name) == expected
