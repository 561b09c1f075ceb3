"""Valences by hand: negation, concord, litotes, contrast, intensity, brackets."""

from __future__ import annotations

import csv
import math

import numpy as np
import pytest

from pipelines.sentiment.features import DENSE_NAMES, batch_of, character_slots, languages_of
from pipelines.sentiment.lexical import bracket_valence
from pipelines.sentiment.normalise import normalise
from pipelines.sentiment.tables import FOLDER
from pipelines.sentiment.tokens import text_of


def total_of(text: str, lang: str) -> float:
    batch = batch_of(normalise([text]), languages_of([lang]))
    return float(np.sum(batch.analysis.valence * batch.analysis.weight))


@pytest.mark.parametrize(
    ("text", "lang", "expected"),
    [
        # A valence v in reach of a negator counts -0.7 v; the lexicon's own v in comments.
        ("soddisfatto", "it", 0.7),
        ("Non sono per niente soddisfatto", "it", -0.49),  # concord: two negators are one
        ("Non so niente, ottimo", "it", 0.9),  # the comma closes the reach
        ("not not useful", "en", 0.4),  # no concord in English: two negators cancel
        ("not one two three good", "en", 0.4),  # three words only
        ("very good", "en", 0.52),  # 0.4 x 1.3
        ("slightly good", "en", 0.24),  # 0.4 x 0.6
        ("Das Hotel ist schön nicht", "de", -0.49),  # a German negator reaches back at the end
        ("non male davvero", "it", 0.5),  # a fixed phrase takes its words away
        ("никаких проблем", "ru", 0.5),
        ("bello ma lento", "it", 0.7 * 0.7 - 0.7 * 1.5),
        ("красиво, но долго", "ru", 0.7 * 0.7 - 0.4 * 1.5),
        ("😍", "und", 1.2),  # an emoji weighs 1.2
        ("gut", "it", 0.0),  # a word counts in its own language only
        ("die letzte", "de", 0.0),  # an article, not the English word
    ],
)
def test_valence_when_summed_then_it_is_as_computed_by_hand(text, lang, expected):
    assert total_of(text, lang) == pytest.approx(expected)


def test_score_when_the_worked_example_is_given_then_it_is_squashed():
    batch = batch_of(normalise(["Non sono per niente soddisfatto"]), languages_of(["it"]))
    expected = -0.49 / math.sqrt(0.49**2 + 1.5)
    assert batch.dense[0, DENSE_NAMES.index("score")] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("спасибо )))", 0.9),
        ("спасибо ))", 0.6),
        ("спасибо )", 0.3),
        ("жаль (", -0.4),
        ("жаль (((", -1.0),
        ("приём ( корпус б )", 0.0),
        ("0 ) паспорт а ) анкета", 0.0),
        ("( смешно ) )))", 0.9),
        ("((( нет ) ))", 0.0),
    ],
)
def test_brackets_when_unmatched_then_they_smile_or_frown(text, expected):
    assert bracket_valence(text) == pytest.approx(expected)


def test_tokens_when_links_and_names_stand_between_then_they_are_left_out():
    batch = batch_of(normalise(["@a bello http://x @b @c davvero"]), languages_of(["it"]))
    words = [text_of(batch.tokens, token) for token in range(len(batch.tokens.begins))]
    assert words == ["bello", "davvero"]


def test_character_grams_when_a_message_is_last_then_as_many_as_elsewhere():
    batch = batch_of(normalise(["già ora", "già ora"]), languages_of(["it", "it"]))
    first_end = batch.tokens.bounds[1]
    for _, is_gram in character_slots(batch.tokens):
        assert is_gram[:first_end].sum() == is_gram[first_end:].sum()


def test_tables_when_read_then_values_are_in_range_and_no_term_twice():
    for path in sorted(FOLDER.glob("**/*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        keys = [tuple(v for k, v in row.items() if k not in ("valence", "factor")) for row in rows]
        assert len(keys) == len(set(keys)), path.name
        assert all(-1 <= float(row.get("valence", 0)) <= 1 for row in rows), path.name
    with (FOLDER / "emoji.csv").open(encoding="utf-8", newline="") as file:
        assert len(list(csv.DictReader(file))) >= 250
