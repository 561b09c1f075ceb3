"""What can be known about one person, and whether a reply takes it up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pipelines.names.finding import Recipient, form_used, recipient
from pipelines.names.forms import Kind, NameTable
from pipelines.names.stems import ENGLISH, ITALIAN, language_of, stems
from pipelines.names.tokens import said, words_of


@dataclass(frozen=True)
class Acquaintance:
    """One person: forms of the name, and the words of the bio without the name."""

    recipient: Recipient
    bio_words: frozenset[str]

    @property
    def has_bio(self) -> bool:
        """Some word of the bio says something."""
        return bool(stems(self.bio_words, ENGLISH) or stems(self.bio_words, ITALIAN))


STRANGER = Acquaintance(Recipient({}), frozenset())


@dataclass(frozen=True)
class Recognition:
    """How a reply recognises a person. `bio_stems`: shared with the bio but not with `asked`."""

    name_form: Kind | None
    bio_stems: tuple[str, ...]


def acquaintance(
    table: NameTable,
    given: Iterable[str],
    displayed: Iterable[str],
    bios: Iterable[str],
) -> Acquaintance:
    """What names in the CRM, names on profiles and bios say of one person."""
    known = recipient(table, tuple(sorted(given)), tuple(sorted(displayed)))
    words = {word for bio in bios for word in words_of(said(bio))}
    return Acquaintance(known, frozenset(words - known.forms.keys()))


def recognise(person: Acquaintance, reply: str, asked: str) -> Recognition:
    """Whether a reply calls the person by name and takes up words of the bio.

    `asked`: what the person had written in the conversation; words of theirs notice nothing.
    """
    form = form_used(person.recipient, reply)
    if not person.bio_words:
        return Recognition(form, ())
    words = words_of(said(reply))
    latin = language_of(words)
    shared = stems(person.bio_words, latin) & stems(words, latin)
    if shared:
        shared -= stems(words_of(said(asked)), latin)
    return Recognition(form, tuple(sorted(shared)))
