"""Any string to one normal form; expected forms written by hand."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sentiment.normalise import LONGEST, normalise

PIECES = st.sampled_from([
    "http", "https://x.y", "WWW.", "n't", "l'", "&lt;", "&#10;", "&amp;", "&#x2028;", "RT @a: ",
    "@bob", "#FooBar", "#x_y", ":)", ":-(", "xD", "<3", "</3", ":/", "aaaa", "!!!!", " ", "\n",
    "é", "\u0301", "a", "12", "1.5", "😂", "\u200d", "x@y.it", "\\u0041", "\ue000", "👨‍👩‍👧", "🇮🇹",
    "\ud800", "\0", "\ufe0f", "ﬁ", "İ", "Σ", "ё", "(", ")))", "\x85", "\x1c",
])  # fmt: skip
HOSTILE = st.one_of(st.text(max_size=30), st.lists(PIECES, max_size=10).map("".join))


def form(text: str | None) -> str:
    return normalise([text]).texts[0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        (" \n\t ", ""),
        ("Non male DAVVERO!", "non male davvero !"),
        ("#ServizioPessimo #bello_mondo", "servizio pessimo bello mondo"),
        ("#serviziopessimo", "serviziopessimo"),
        ("guarda https://a.b/c?d=1 ora", "guarda xxurl ora"),
        ("@anna scrivi a info@shop.it", "xxuser scrivi a xxuser"),
        ("costa 12.500,00 dal 3/4", "costa 0 dal 0"),
        ("nooooo!!!!!", "nooo !!!"),
        ("l'amico dell'anno", "l amico dell anno"),
        ("qu'il n’est pas", "qu il n est pas"),
        ("I don't, can't", "i do not , ca not"),
        ("ciao :-) :( :D <3", "ciao 🙂 🙁 😃 ❤"),
        ("ok xD", "ok 😆"),
        ("a &amp; b &lt;3", "a & b ❤"),
        ("riga&#10;riga&#x2028;riga", "riga riga riga"),
        ("👍🏽👍🏿", "👍 👍"),
        ("👨‍👩‍👧🇮🇹🇫🇷❤️", "👨‍👩‍👧 🇮🇹 🇫🇷 ❤"),
        ("Ёлка ещё", "елка еще"),
        ("ＡＢＣ ﬁne", "abc fine"),
        ("a\x00b\ud800c", "a \ufffd b \ufffd c"),
        ("RT @anna: ciao", "ciao"),
    ],
)
def test_normalise_when_given_a_text_then_its_form_is_known(text, expected):
    assert form(text) == expected


def test_normalise_when_letters_are_upper_case_then_links_and_names_do_not_count():
    found = normalise(["ABcd", "ABcd http://XX.YY @ZZZ", "12 !"])
    assert found.upper_share.tolist() == [0.5, 0.5, 0.0]


def test_normalise_when_a_text_is_long_then_head_and_tail_stay():
    text = form("inizio " + "parola " * 100_000 + "fine")
    assert len(text) <= LONGEST
    assert text.startswith("inizio ")
    assert text.endswith(" fine")


@settings(max_examples=150, deadline=None)
@given(HOSTILE)
def test_normalise_when_done_twice_then_nothing_changes(text):
    assert form(form(text)) == form(text)


@settings(max_examples=80, deadline=None)
@given(st.lists(HOSTILE, max_size=6))
def test_normalise_when_texts_have_neighbours_then_each_is_as_if_alone(texts):
    found = normalise(texts)
    assert found.texts == [form(text) for text in texts]
    assert all("\n" not in text and "\0" not in text for text in found.texts)
