from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.names.tokens import plain, said, words_in, words_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Niccolò, ciao!", ["niccolo", "ciao"]),
        ("Алёша й ё", ["алеша", "и", "е"]),
        ("Anna-Maria O'Brien", ["anna", "maria", "o", "brien"]),
        ("ＡＮＮＡ", ["anna"]),
        ("Straße İpek", ["strasse", "ipek"]),
        ("2 cats_and 3dogs", ["cats", "and", "dogs"]),
        ("👩‍🍳Mia🌸", ["mia"]),
        ("", []),
    ],
)  # fmt: skip
def test_words_when_of_any_script_then_whole_and_folded(text: str, expected: list[str]) -> None:
    assert words_of(text) == expected


@given(st.text(max_size=40))
def test_words_when_composed_or_decomposed_then_the_same_and_where_they_stand(text: str) -> None:
    composed, decomposed = (unicodedata.normalize(form, text) for form in ("NFC", "NFD"))
    assert words_of(composed) == words_of(decomposed)
    for word in words_in(text):
        assert plain(text[word.start : word.end]) == word.plain


def test_said_when_links_mentions_and_a_signature_stand_there_then_they_are_not_words() -> None:
    text = "Hi @anna_r, see https://anna.example/x #anna — Anna"
    assert words_of(said(text)) == ["hi", "see"]
