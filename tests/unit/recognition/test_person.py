"""Precision and recall on planted replies, and single cases by hand."""

from __future__ import annotations

import pytest

from pipelines.names.forms import load_names
from pipelines.recognition.person import acquaintance, recognise
from pipelines.world.recognition import PlantedReply, planted_replies

TABLE = load_names()
REPLIES = 1500


def found(planted: PlantedReply) -> tuple[bool, bool]:
    person = acquaintance(
        TABLE,
        filter(None, [planted.given_name]),
        filter(None, [planted.displayed]),
        filter(None, [planted.bio]),
    )
    seen = recognise(person, planted.reply, planted.asked)
    return seen.name_form is not None, bool(seen.bio_stems)


@pytest.mark.parametrize("language", ["en", "it", "ru"])
def test_recognition_when_planted_then_precision_and_recall_hold(language: str) -> None:
    replies = planted_replies(language, REPLIES)
    judged = [(found(planted), (planted.is_named, planted.is_noticed)) for planted in replies]
    for what in (0, 1):
        hits = sum(seen[what] and true[what] for seen, true in judged)
        assert hits / sum(seen[what] for seen, _ in judged) >= 0.98
        assert hits / sum(true[what] for _, true in judged) >= 0.90
        assert 0.1 < sum(true[what] for _, true in judged) / REPLIES < 0.6


@pytest.mark.parametrize(
    ("bio", "reply", "asked", "stems"),
    [
        ("Runner", "Enjoy your run!", "", ("en:run",)),
        ("Runner", "Enjoy your run!", "after running", ()),
        ("Amo i gatti", "saluti al gatto", "", ("it:gat",)),
        ("Мама двух котов", "погладьте кота", "", ("ru:кот",)),
        ("I love my life", "love your day", "", ()),
        ("Anna, cyclist", "hi Anna", "", ()),
        ("see https://run.example @runner", "good run", "", ()),
        ("", "good run", "", ()),
    ],
)
def test_bio_when_a_reply_takes_a_word_up_then_its_stem(
    bio: str, reply: str, asked: str, stems: tuple[str, ...]
) -> None:
    person = acquaintance(TABLE, ["Anna"], [], [bio] if bio else [])
    assert recognise(person, reply, asked).bio_stems == stems
