"""Whether a text calls a person by name, and whose name can be known at all."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.names.forms import RANK, Kind, NameTable
from pipelines.names.tokens import Word, plain, said, words_in, words_listed, words_of

# A form that is also a word ("Will", "Роман", "Rosa") or is only said to people ("Маш") counts
# where one addresses somebody.
ENDS_ADDRESS = re.compile(r"\s*(?:$|\n|[^\w\s'’-])|\s+[-–—]\s")
STARTS_SENTENCE = re.compile(r"(?:^|[.!?…\n:)])[^\w,]*$")
SENTENCE_END = re.compile(r"[.!?…\n]")
GREETING_REACH = 2  # words: "Thank you, Will", "Cara/o Rosa"
AFTER_COMMA = re.compile(r",\s*$")
MOST_NAME_WORDS = 4  # a display name of more words is a sentence


@dataclass(frozen=True)
class Recipient:
    """The forms by which one person may be called; empty: nobody can know the name."""

    forms: Mapping[str, Kind]

    @property
    def is_knowable(self) -> bool:
        """Some name of the person is known."""
        return bool(self.forms)


def recipient(table: NameTable, given: tuple[str, ...], displayed: tuple[str, ...]) -> Recipient:
    """Forms of a person from given names in the CRM and names shown on profiles."""
    forms: dict[str, Kind] = {}
    names = (*given, *(found for name in displayed if (found := given_in(table, name))))
    for name in names:
        for form, kind in table.forms_of(name).items():
            if form not in forms or kind is Kind.NOMINATIVE:
                forms[form] = kind
    return Recipient(forms)


def given_in(table: NameTable, displayed: str) -> str | None:
    """The given name in a name that a profile shows; None for firms, nicknames, slogans.

    A known name wins wherever it stands; else the first of two to four capitalised words.
    """
    if any(c.isdigit() for c in displayed):
        return None
    parts = [displayed[word.start : word.end] for word in words_in(displayed)]
    words = [plain(part) for part in parts]
    if not 0 < len(words) <= MOST_NAME_WORDS or words_listed("organisation").intersection(words):
        return None
    for part, word in zip(parts, words, strict=True):
        if word in table.by_form:
            return part
    is_name = len(parts) > 1 and all(part[0].isupper() or not part[0].islower() for part in parts)
    return parts[0] if is_name else None


def form_used(person: Recipient, text: str) -> Kind | None:
    """By which kind of form a text calls the person; None when by none."""
    if not person.forms:
        return None
    spoken = said(text)
    letters = "".join(words_of(spoken))
    if not any(form in letters for form in person.forms):  # most replies name nobody
        return None
    words = words_in(spoken)
    found: list[Kind] = []
    for place, word in enumerate(words):
        kind = person.forms.get(word.plain)
        if kind is None and place:  # "Maria Grazia", "Jean-Pierre"
            kind = person.forms.get(words[place - 1].plain + word.plain)
        if kind is None:
            continue
        needs_address = kind is Kind.VOCATIVE or word.plain in words_listed("ordinary")
        if not needs_address or _is_address(spoken, words, place):
            found.append(kind)
    return min(found, key=RANK.__getitem__, default=None)


def _is_address(text: str, words: list[Word], place: int) -> bool:
    """The word stands where one calls somebody: after a greeting, between commas, before one."""
    word = words[place]
    is_capital = text[word.start].isupper()
    is_closed = bool(ENDS_ADDRESS.match(text[word.end :]))
    before = text[: word.start]
    for greeting in words[max(0, place - GREETING_REACH) : place]:
        between = text[greeting.end : word.start]
        if greeting.plain in words_listed("greeting") and not SENTENCE_END.search(between):
            return is_closed or is_capital
    if not is_capital or not is_closed:
        return False
    if AFTER_COMMA.search(before):
        return True
    return bool(STARTS_SENTENCE.search(before)) and not text[word.end :].lstrip().startswith(".")
