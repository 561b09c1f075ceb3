"""Which contract entity a file's headers look like, and which header is which column."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from pipelines.contract import ENTITIES, Column, ColumnType, Entity
from pipelines.files.guess_values import ValueGuess

# Words that mean the same in exports of social and CRM tools.
SYNONYMS = {
    "tweet": "message", "comment": "message", "opportunity": "deal", "customer": "contact",
    "buyer": "contact",
    "client": "contact", "account": "company", "organisation": "company", "organization": "company",
    "firm": "company", "purchase": "order", "transaction": "order", "value": "amount",
    "total": "amount",
    "price": "gross", "revenue": "gross", "sum": "amount", "on": "at", "date": "at", "time": "at",
    "timestamp": "at", "create": "created", "creation": "created", "updated": "updated",
    "modified": "updated",
    "body": "text", "content": "text", "message_text": "text", "mail": "email",
    "telephone": "phone",
    "mobile": "phone", "first": "given", "last": "family", "surname": "family", "qty": "count",
    "quantity": "count", "items": "item", "source": "channel", "author": "author", "user": "author",
    "owner": "owner", "agent": "owner", "salesperson": "owner", "emails": "email",
    "phones": "phone",
    "minor": "amount", "category": "category", "number": "id", "no": "id", "nr": "id", "key": "id",
}  # fmt: skip
SMALLEST_LIKENESS = 0.6  # a weaker likeness maps wrongly more often than rightly
MISSING_PENALTY = 0.4  # per required column without a header, in columns


@dataclass(frozen=True)
class EntityGuess:
    """An entity and its columns' headers."""

    entity: Entity
    headers: dict[str, str]


def _words(name: str) -> set[str]:
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    words = [word for word in re.split(r"[\W_]+", split.casefold()) if word]
    return {SYNONYMS.get(word, word) for word in words}


def _is_possible(column: Column, guess: ValueGuess) -> bool:
    match column.type:
        case ColumnType.TEXT:
            return True
        case ColumnType.TIMESTAMP | ColumnType.DATE:
            return guess.type in (ColumnType.TIMESTAMP, ColumnType.DATE)
        case ColumnType.BOOLEAN:
            return guess.type is ColumnType.BOOLEAN
        case ColumnType.INTEGER:
            return guess.type is ColumnType.INTEGER
        case _:
            return guess.type in (ColumnType.INTEGER, ColumnType.DOUBLE)


def _likeness(column: Column, header: str, guess: ValueGuess, entity: Entity) -> float:
    """Shared words of the two names, 0 to 1; the entity's own name says nothing."""
    if not _is_possible(column, guess):
        return 0.0
    name = entity.name
    noun = name.removesuffix("ies") + "y" if name.endswith("ies") else name.removesuffix("s")
    wanted, found = _words(column.name) - {noun}, _words(header) - {noun}
    likeness = len(wanted & found) / max(1, len(wanted | found))
    is_event_time = column.is_required and column.type is ColumnType.TIMESTAMP
    is_money = column.type is ColumnType.MONEY and guess.type is ColumnType.DOUBLE
    is_amount = is_money and bool(wanted & found)
    is_only_name = not found and column.name == entity.key[-1]
    if is_event_time or is_amount or is_only_name:
        return max(likeness, SMALLEST_LIKENESS)
    return likeness


def guess_entity(guesses: Mapping[str, ValueGuess]) -> EntityGuess:
    """The entity whose columns the headers resemble most; each is used once."""
    best, best_score = EntityGuess(ENTITIES[0], {}), float("-inf")
    for entity in ENTITIES:
        pairs = sorted(
            (
                (-likeness, position, header, column.name)
                for position, column in enumerate(entity.columns)
                for header, guess in guesses.items()
                if (likeness := _likeness(column, header, guess, entity)) >= SMALLEST_LIKENESS
            ),
        )
        chosen: dict[str, str] = {}
        score = 0.0
        for negative, _, header, name in pairs:
            if name not in chosen and header not in chosen.values():
                chosen[name] = header
                score -= negative
        required = [c.name for c in entity.columns if c.is_required]
        score -= MISSING_PENALTY * sum(name not in chosen for name in required)
        if score > best_score:
            ordered = {c.name: chosen[c.name] for c in entity.columns if c.name in chosen}
            best, best_score = EntityGuess(entity, ordered), score
    return best
