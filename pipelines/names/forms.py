"""Every form in which a person may be called by name: whole, short, of address, other alphabet.

table of names ─▶ lookup by any form ─▶ forms of one person ─▶ which of them a text contains
Shipped tables are `pipelines/names/*.csv`; `<home>/seeds/name_forms.csv` adds to them.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path

from pipelines.errors import ExitCode, RorError
from pipelines.names.tokens import plain, words_of
from pipelines.names.transliteration import to_cyrillic, to_latin

LANGUAGES = ("ru", "it", "en")
ADDITIONS = "name_forms.csv"  # in the folder of the user's seeds
NAMES_REMEMBERED = 20_000  # given names whose forms need not be looked up again
SHORTEST_FORM = 2  # letters: a single one is an initial
VOWELS = "аеёиоуыэюя"
# "Маш!" of Маша, "Кать!" of Катя: said to a person, never of one.
VOCATIVE_ENDINGS = {"а": "", "я": "ь"}
LONGEST_VOCATIVE_SOURCE = 6  # letters; longer forms have none


class Kind(StrEnum):
    """How a form calls a person; the order is that of preference where a form is several."""

    NOMINATIVE = "nominative"
    DIMINUTIVE = "diminutive"
    TRANSLITERATION = "transliteration"
    VOCATIVE = "vocative"


RANK = {kind: rank for rank, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Name:
    """One name with all its forms as compared, and the forms that people bear as they are spelt."""

    language: str
    canonical: str
    forms: dict[str, Kind]
    spellings: tuple[str, ...]


@dataclass(frozen=True)
class NameTable:
    """All names that are known."""

    names: tuple[Name, ...]

    @cached_property
    def by_form(self) -> dict[str, tuple[Name, ...]]:
        """Names by each of their forms but vocatives, which nobody bears."""
        found: dict[str, list[Name]] = defaultdict(list)
        for name in self.names:
            for form, kind in name.forms.items():
                if kind is not Kind.VOCATIVE:
                    found[form].append(name)
        return {form: tuple(names) for form, names in found.items()}

    def forms_of(self, given: str) -> Mapping[str, Kind]:
        """Accepted forms of a given name as it is known; a name of several words goes by its first.

        Unknown names have themselves and their spellings in the other alphabet.
        """
        return self._remembered(given)

    @cached_property
    def _remembered(self) -> Callable[[str], Mapping[str, Kind]]:
        return lru_cache(maxsize=NAMES_REMEMBERED)(self._forms_of)

    def _forms_of(self, given: str) -> Mapping[str, Kind]:
        words = words_of(given)
        if not words or len(words[0]) < SHORTEST_FORM:
            return {}
        forms: dict[str, Kind] = {}
        for name in self.by_form.get(words[0], ()):
            for form, kind in name.forms.items():
                forms[form] = _preferred(kind, forms.get(form))
        if not forms:
            first = given.split(maxsplit=1)[0]
            forms = dict.fromkeys(map(plain, _other_alphabet(first)), Kind.TRANSLITERATION)
        forms[words[0]] = Kind.NOMINATIVE
        forms["".join(words)] = Kind.NOMINATIVE
        return {form: kind for form, kind in forms.items() if len(form) >= SHORTEST_FORM}

    def groups(self) -> Iterator[tuple[str, str]]:
        """(form as spelt, name that it may stand for), in order; Саша stands for several.

        Names that are spelt alike in some alphabet are one, as Мария and Maria.
        """
        leader: dict[str, str] = {}

        def find(item: str) -> str:
            while leader.setdefault(item, item) != item:
                item = leader[item]
            return item

        for name in self.names:
            other = _other_alphabet(name.canonical) if name.language != "en" else ()
            for spelling in other:
                first, second = sorted((find(plain(spelling)), find(name.canonical)))
                leader[second] = first
        owners: dict[str, set[str]] = defaultdict(set)
        for name in self.names:
            for spelling in (*name.spellings, name.canonical):
                owners[plain(spelling)].add(find(name.canonical))
        spelt = {form for name in self.names for form in name.spellings} | set(owners)
        for spelling in sorted(spelt):
            for owner in sorted(owners[plain(spelling)]):
                yield spelling, owner


def load_names(additions: Path | None = None) -> NameTable:
    """The shipped tables and a user's file with the columns language, canonical, form, kind.

    Exit 78: the file lacks a column or names an unknown kind.
    """
    folder = files("pipelines.names")
    spelt = defaultdict(list)
    for row in _rows(folder.joinpath("english_in_cyrillic.csv").read_text(encoding="utf-8")):
        spelt[row["name"]].append(row["form"])
    own: dict[tuple[str, str], dict[str, Kind]] = defaultdict(dict)
    for language, canonical, form, kind in _additions(additions):
        own[language, canonical][form] = kind
    names = []
    for language in LANGUAGES:
        for row in _rows(folder.joinpath(f"{language}.csv").read_text(encoding="utf-8")):
            canonical, short = row["canonical"], (row["diminutives"] or "").split()
            forms = _forms(language, canonical, short, spelt)
            added = own.pop((language, canonical), {})
            names.append(_name(language, canonical, forms, added, short))
    names += [
        _name(language, canonical, {plain(canonical): Kind.NOMINATIVE}, added, [])
        for (language, canonical), added in own.items()
    ]
    return NameTable(tuple(names))


def _name(
    language: str,
    canonical: str,
    forms: dict[str, Kind],
    added: dict[str, Kind],
    short: list[str],
) -> Name:
    born = (Kind.NOMINATIVE, Kind.DIMINUTIVE)
    spellings = (canonical, *short, *(form for form, kind in added.items() if kind in born))
    forms = forms | {plain(form): kind for form, kind in added.items()}
    return Name(language, plain(canonical), forms, spellings)


def _forms(
    language: str, canonical: str, short: list[str], spelt: dict[str, list[str]]
) -> dict[str, Kind]:
    forms: dict[str, Kind] = {}

    def add(form: str, kind: Kind) -> None:
        forms[plain(form)] = _preferred(kind, forms.get(plain(form)))

    for spelling in (canonical, *short):
        for other in (
            _other_alphabet(spelling) if language != "en" else set(spelt.get(spelling, []))
        ):
            add(other, Kind.TRANSLITERATION)
        add(spelling, Kind.NOMINATIVE if spelling == canonical else Kind.DIMINUTIVE)
    for spelling in short if language == "ru" else ():
        if vocative := _vocative(spelling):
            add(vocative, Kind.VOCATIVE)
    return forms


def _other_alphabet(spelling: str) -> set[str]:
    is_cyrillic = any("а" <= letter <= "я" or letter == "ё" for letter in spelling.lower())
    return to_latin(spelling) if is_cyrillic else to_cyrillic(plain(spelling))


def _vocative(form: str) -> str | None:
    """The short form of address of a Russian diminutive, where it has one."""
    stem, ending = form[:-1].lower(), form[-1]
    fits = len(form) <= LONGEST_VOCATIVE_SOURCE and len(stem) > SHORTEST_FORM - 1
    if ending not in VOCATIVE_ENDINGS or not fits or stem[-1] in VOWELS or stem[-2] not in VOWELS:
        return None
    return stem + VOCATIVE_ENDINGS[ending]


def _preferred(kind: Kind, known: Kind | None) -> Kind:
    return kind if known is None or RANK[kind] < RANK[known] else known


def _rows(text: str) -> Iterator[dict[str, str]]:
    yield from csv.DictReader(text.splitlines())


def _additions(path: Path | None) -> Iterable[tuple[str, str, str, Kind]]:
    if path is None or not path.exists():
        return
    for number, row in enumerate(_rows(path.read_text(encoding="utf-8-sig")), 2):
        try:
            yield row["language"], row["canonical"], row["form"], Kind(row["kind"])
        except (KeyError, ValueError):
            kinds = ", ".join(Kind)
            why = f"line {number} needs language, canonical, form, kind ({kinds})"
            raise RorError(
                "names", path.name, why, f"correct {path}", ExitCode.CONFIGURATION
            ) from None
