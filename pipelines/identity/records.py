"""What is compared to find people who may be one: names, log-in names, language; in memory only.

Readable values come from the vault and never land: proposals name identifiers by key.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import duckdb

from pipelines.names.finding import given_in
from pipelines.names.forms import NameTable
from pipelines.names.tokens import plain, words_of
from pipelines.names.transliteration import to_latin

SHORTEST_LOGIN = 5  # letters and digits: shorter ones are everybody's
LARGEST_BLOCK = (
    30  # records that share a value; beyond it the value tells too little to compare all
)
# One row per name and log-in name that records have of a person. A contact's addresses are told
# apart, so that each can be compared; people who speak for the brand and bots are left out.
VALUES = """
    with
        people as (
            select * from intermediate.int_person_keys where not (is_bot or is_brand_actor)
                and identifier_kind || '|' || identifier_key not in
                    (select identifier from intermediate.int_identity_conflicts)),
        named as (select * from intermediate.int_identity_names)
    select
        people.identifier_kind || '|' || people.identifier_key as identifier,
        people.person_id,
        min(given.value) as given,
        min(family.value) as family,
        min(displayed.value) as displayed,
        min(login.value) as login,
        min(named.language) as language
    from people
    inner join named using (identifier_kind, identifier_key)
    left join vault.identifiers as given on given.subject_key = named.given_name_key
    left join vault.identifiers as family on family.subject_key = named.family_name_key
    left join vault.identifiers as displayed on displayed.subject_key = named.display_name_key
    left join vault.identifiers as login on login.subject_key = named.login_key
    group by all order by all"""


@dataclass(frozen=True)
class Record:
    """One record in the spelling in which records are compared; empty texts are None.

    `given`: the name that stands for it. `login`: letters and digits of a handle or of an address
    before the @. `block_*`: values by which records meet, None where too many share them.
    """

    record_id: int
    identifier: str
    person_id: str
    given: str | None
    family: str | None
    login: str | None
    letters: str | None
    language: str | None
    block_name: str | None = None
    block_login: str | None = None
    block_letters: str | None = None


def records(connection: duckdb.DuckDBPyConnection, names: NameTable) -> list[Record]:
    """All records that can be compared, in a fixed order. Needs the vault as database `vault`."""
    stands: dict[str, str] = {}
    for form, name in names.groups():
        stands.setdefault(form, name)
    rows = connection.execute(VALUES).fetchall()
    return blocked(
        record
        for number, row in enumerate(rows)
        if (record := _record(number, names, stands, *row)) is not None
    )


def _record(
    number: int, names: NameTable, stands: dict[str, str], identifier: str, person_id: str,
    given: str | None, family: str | None, displayed: str | None, login: str | None,
    language: str | None,
) -> Record | None:  # fmt: skip
    if displayed and not given:
        given = given_in(names, displayed)
        rest = [word for word in words_of(displayed) if word != plain(given or "")]
        family = " ".join(rest) if given else None
    first = plain(given.split(maxsplit=1)[0]) if given and given.strip() else None
    last = _latin(family) if family else None
    name = _login(login)
    letters = "".join(c for c in name if c.isalpha()) if name else ""
    if not name and not (first and last):
        return None
    return Record(
        number, identifier, person_id, stands.get(first, first) if first else None, last or None,
        name, letters if len(letters) >= SHORTEST_LOGIN else None, language or None,
    )  # fmt: skip


def _latin(name: str) -> str:
    """One Latin spelling of a name, the shortest of its usual ones; letters only."""
    spellings = ("".join(words_of(spelling)) for spelling in to_latin(name))
    return min(spellings, key=lambda spelling: (len(spelling), spelling))


def _login(value: str | None) -> str | None:
    """`ann_rossi1` of `x|ann_rossi1`, of `ann_rossi1@example.org`, of a handle with its server."""
    if not value:
        return None
    name = value.rpartition("|")[2].lstrip("@").partition("@")[0].partition(".bsky")[0]
    text = "".join(c for c in plain(name) if c.isalnum())
    is_name = len(text) >= SHORTEST_LOGIN and any(c.isalpha() for c in text)
    return text if is_name else None


def blocked(found: Iterable[Record]) -> list[Record]:
    """The records with the values by which they meet; no value brings more than 30 together."""
    listed = list(found)
    keys = [_keys(record) for record in listed]
    counts = Counter(key for three in keys for key in enumerate(three) if key[1])

    def kept(three: tuple[str | None, ...]) -> Iterator[str | None]:
        for place, value in enumerate(three):
            yield value if value and counts[place, value] <= LARGEST_BLOCK else None

    return [
        Record(*list(vars(record).values())[:8], *kept(three))
        for record, three in zip(listed, keys, strict=True)
    ]


def _keys(record: Record) -> tuple[str | None, str | None, str | None]:
    name = f"{record.given} {record.family}" if record.given and record.family else None
    return name, record.login, record.letters


def fingerprint(found: Iterable[Record], more: str) -> str:
    """Changes when anything that is compared does; `more`: what else decides."""
    digest = hashlib.sha256(more.encode())
    for record in found:
        digest.update(repr(record).encode())
    return digest.hexdigest()
