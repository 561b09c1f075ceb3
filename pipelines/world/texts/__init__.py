"""What people and the brand say, one phrase book per language."""

from pipelines.world.texts.book import COFFEES, EMOJI, PhraseBook
from pipelines.world.texts.english import ENGLISH
from pipelines.world.texts.italian import ITALIAN
from pipelines.world.texts.russian import RUSSIAN

BOOKS: dict[str, PhraseBook] = {"en": ENGLISH, "it": ITALIAN, "ru": RUSSIAN}

__all__ = ["BOOKS", "COFFEES", "EMOJI", "PhraseBook"]
