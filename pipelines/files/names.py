"""Which headers a feed uses, and how its SQL sees them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import duckdb

from pipelines.files.expressions import referenced
from pipelines.files.feeds import PSEUDO_HEADERS, EntityMapping, Feed, Mapping
from pipelines.files.refused import FileRefused


def mappings(entity: EntityMapping) -> Iterator[tuple[str, Mapping]]:
    """All mappings of an entity with the names to call them by in messages."""
    for column, mapping in entity.columns.items():
        yield f"{entity.entity}.{column}", mapping
    if entity.version:
        yield f"{entity.entity}.version", entity.version


def expressions(feed: Feed) -> Iterator[tuple[str, str]]:
    """All SQL of a feed: the name to call it by, and its text."""
    for entity in feed.entities:
        for where, mapping in mappings(entity):
            if mapping.expression is not None:
                yield where, mapping.expression
        for key, text in (("where", entity.where), ("deleted", entity.deleted)):
            if text is not None:
                yield f"{entity.entity}.{key}", text


def alternatives(feed: Feed) -> list[tuple[str, ...]]:
    """Groups of plain headers that mappings read; of each group at least one must be there."""
    groups: dict[tuple[str, ...], None] = {}
    for entity in feed.entities:
        for _, mapping in mappings(entity):
            names = tuple(name for name in mapping.source if name not in PSEUDO_HEADERS)
            if names and len(names) == len(mapping.source):
                groups[names] = None
        for header in entity.unpivot.headers if entity.unpivot else ():
            groups[(header,)] = None
    return list(groups)


def references(connection: duckdb.DuckDBPyConnection, feed: Feed) -> list[str]:
    """Names that the feed's SQL uses, each once; raises FileRefused `bad_expression`."""
    found: dict[str, None] = {}
    for where, text in expressions(feed):
        found.update(dict.fromkeys(referenced(connection, where, text)))
    return list(found)


def wanted_headers(connection: duckdb.DuckDBPyConnection, feed: Feed) -> list[str]:
    """Every header that the feed mentions, in its order."""
    named = [name for group in alternatives(feed) for name in group]
    used = [name for name in references(connection, feed) if name not in PSEUDO_HEADERS]
    return list(dict.fromkeys([*named, *used]))


def find_header(name: str, headers: Sequence[str]) -> str | None:
    """The header that SQL means by a name: the same spelling, else the only one that differs in
    case.
    """
    if name in headers or name in PSEUDO_HEADERS:
        return name
    similar = [header for header in headers if header.casefold() == name.casefold()]
    return similar[0] if len(similar) == 1 else None


def aliases(references_: Sequence[str], headers: Sequence[str]) -> dict[str, str | None]:
    """Names as SQL uses them → header (None: the file has none). SQL ignores case, so two that
    differ only there clash.

    Raises FileRefused `ambiguous_header`.
    """
    result: dict[str, str | None] = {}
    by_folded: dict[str, str | None] = {}
    for name in references_:
        header = find_header(name, headers)
        if name.casefold() in by_folded:
            if by_folded[name.casefold()] != header:
                raise FileRefused("ambiguous_header", f"SQL cannot tell {name!r} from another case")
            continue
        by_folded[name.casefold()] = header
        result[name] = header
    return result
