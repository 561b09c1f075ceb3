"""Drafts a feed from a file, for a person to confirm: `ror feed infer FILE`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from pipelines.contract import Column
from pipelines.files.guess_entity import EntityGuess, guess_entity
from pipelines.files.guess_format import FormatGuess, guess_format
from pipelines.files.guess_values import ValueGuess, guess_values
from pipelines.files.opening import file_stem, is_compressed

HEAD = "# Drafted from one file: check every line; fill those marked `needed:` before it loads."


def infer_feed(path: Path, feed_name: str | None = None) -> str:
    """A feed file as text, with comments.

    Whole lines are ready to load; `# needed:` lines name required contract columns for which no
    header was found. Raises FileRefused when the file is of no known format.
    """
    found = guess_format(path)
    guesses = {header: guess_values(values) for header, values in found.sample.items()}
    entity = guess_entity(guesses)
    name = feed_name or _feed_name(path)
    lines = [HEAD, f"feed: {name}", f"glob: {_text(_glob(path))}", *_reading(found, guesses)]
    return "\n".join([*lines, *_mapping(entity, guesses, found.sample)]) + "\n"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string is a YAML string


def _feed_name(path: Path) -> str:
    plain = re.sub("[^a-z0-9]+", "_", file_stem(path.name).casefold()).strip("_")
    return (plain if plain[:1].isalpha() else f"feed_{plain}")[:60]


def _glob(path: Path) -> str:
    suffix = "".join(path.suffixes[-2:]) if is_compressed(path.name) else path.suffix
    return f"*{suffix}"


def _reading(found: FormatGuess, guesses: Mapping[str, ValueGuess]) -> Iterator[str]:
    """Lines that say how the file is read."""
    yield f"format: {found.format}"
    if found.encoding:
        yield f"encoding: {found.encoding}" + ("" if found.is_encoding_sure else "  # guessed")
    if found.delimiter:
        yield f"delimiter: {_text(found.delimiter)}"
    if not found.has_headers:
        yield f"headers: [{', '.join(found.sample)}]  # the file has no header row: name them"
    numbers = [g for g in guesses.values() if g.decimal]
    commas = [g for g in numbers if g.decimal == ","]
    if commas:
        doubt = "  # not in all columns" if len(commas) < len(numbers) else ""
        yield f'decimal: ","{doubt}'
    if thousands := next((g.thousands for g in commas or numbers if g.thousands), None):
        yield f"thousands: {_text(thousands)}"
    formats: dict[str, bool] = {}
    for guess in guesses.values():
        if guess.date_formats:
            formats.setdefault(guess.date_formats[0], len(guess.date_formats) > 1)
    if formats:
        doubt = "  # day and month could be the other way round" if any(formats.values()) else ""
        yield f"date_formats: [{', '.join(map(_text, formats))}]{doubt}"
    yield "time_zone: UTC  # zone of times without an offset"


def _mapping(
    guess: EntityGuess, guesses: Mapping[str, ValueGuess], sample: Mapping[str, list[str]]
) -> Iterator[str]:
    """Lines that map headers to the contract."""
    yield "entities:"
    yield f"  - entity: {guess.entity.name}  # {guess.entity.grain}; guessed from the headers"
    yield "    columns:" if guess.headers else "    columns: {}"
    for column in guess.entity.columns:
        if column.name in guess.headers:
            header = guess.headers[column.name]
            yield f"      {column.name}: {_translated(column, header, sample[header])}"
        elif column.is_required:
            choices = "<header>, {value: ...} or {expression: ...}"
            yield f"      # needed: {column.name}: {choices} - {column.text}"
    unused = [header for header in guesses if header not in guess.headers.values()]
    if unused:
        yield "# Headers that nothing maps; they land as JSON in _payload:"
        yield from (f"#   {_text(header)}: {guesses[header].type}" for header in unused)


def _translated(column: Column, header: str, values: list[str]) -> str:
    """The header; where only certain values are allowed, with a comment that lists what the file
    has.
    """
    distinct = sorted(set(values))
    if column.allowed and not set(distinct) <= set(column.allowed):
        shown = ", ".join(distinct[:10]) if len(distinct) <= 10 else f"{len(distinct)} values"
        allowed = ", ".join(column.allowed)
        return f"{_text(header)}  # needed: map: {{...}} from {shown} to {allowed}"
    return _text(header)
