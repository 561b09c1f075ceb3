"""Stems of words, so that "runner" in a bio is noticed by "enjoy your run"; light, by endings."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from pipelines.names.tokens import words_listed

SHORTEST_WORD, SHORTEST_STEM = 3, 3  # letters
ENGLISH, ITALIAN, RUSSIAN = "en", "it", "ru"
ENDINGS = {
    ENGLISH: ("ists", "ings", "ist", "ing", "ers", "ies", "ed", "er", "es", "ly", "y", "s", "e"),
    ITALIAN: (
        "azione", "azioni", "atrice", "atrici", "atore", "atori", "mente", "iste", "isti", "ista",
        "ando", "endo", "ante", "anti", "are", "ere", "ire", "ato", "ata", "ati", "ate", "ino",
        "ina", "ini", "ine", "io", "ie", "ia", "a", "e", "i", "o",
    ),
    RUSSIAN: (
        "ованием", "ование", "ования", "истка", "истом", "иста", "ист", "ками", "иями", "ями",
        "ами", "ого", "его", "ому", "ему", "ыми", "ими", "иях", "ник", "ница", "ать", "ять", "еть",
        "ить", "ает", "аю", "уть", "ок", "ек", "ка", "ки", "ке", "ку", "кои", "ах", "ях", "ов",
        "ев", "еи", "ии", "ыи", "ои", "ая", "яя", "ое", "ее", "ые", "ие", "ую", "юю", "ом", "ем",
        "ам", "ям", "ию", "ия", "ью", "а", "я", "о", "е", "ы", "и", "у", "ю", "ь",
    ),
}  # fmt: skip


def is_stop_word(word: str) -> bool:
    """Says nothing about anybody, in whatever language."""
    return any(word in words_listed(f"stop_{language}") for language in ENDINGS)


def language_of(words: Iterable[str]) -> str:
    """Which endings to take off Latin words: Italian or English, by the words between them."""
    listed = list(words)
    italian, english = (
        sum(word in words_listed(f"stop_{language}") for word in listed)
        for language in (ITALIAN, ENGLISH)
    )
    return ENGLISH if english > italian else ITALIAN


def stem(word: str, latin: str) -> str | None:
    """`language:stem` of a word as compared; `latin`: the language of Latin words.

    None for words that say nothing: short ones, stop words.
    """
    if len(word) < SHORTEST_WORD or is_stop_word(word):
        return None
    language = RUSSIAN if "а" <= word[0] <= "я" else latin
    bare = word
    for ending in ENDINGS[language]:
        if word.endswith(ending) and len(word) - len(ending) >= SHORTEST_STEM:
            bare = word[: -len(ending)]
            break
    return f"{language}:{''.join(letter for letter, _ in itertools.groupby(bare))}"


def stems(words: Iterable[str], latin: str) -> set[str]:
    """Stems of all words that say something."""
    return {found for word in words if (found := stem(word, latin))}
