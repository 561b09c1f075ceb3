"""Deliberate mistakes in the demo's files, few enough to pass: the quarantine has some to show."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.world.dialects import Row

GOOD_ROWS_PER_MISTAKE = 200  # half of the share at which a file is refused

# Feed → cells that a copied row gets; None ends the row early.
MISTAKES: dict[str, tuple[tuple[str, object], ...]] = {
    "orders": (
        ("Imponibile", "1,234.56"),  # a decimal point where the feed declares a comma
        ("Data", "31/02/2026 10:00:00"),
        ("Stato", "Da verificare"),
        ("Cliente", None),
    ),
    "contacts": (("Id contatto", ""),),
    "messages": (("sent_at", ""), ("from", "nobody"), ("message_id", "")),
    "clicks": (("time", "yesterday"), ("click_id", "")),
    "costs": (("Amount", -12.5), ("Kind", "beer")),
}


def with_mistakes(feed: str, rows: Sequence[Row]) -> tuple[list[Row], int]:
    """The rows with spoiled copies of some strewn in, and how many those are."""
    mistakes = MISTAKES.get(feed, ())[: len(rows) // GOOD_ROWS_PER_MISTAKE]
    spoiled = list(rows)
    for number, (column, value) in enumerate(mistakes, start=1):
        place = number * GOOD_ROWS_PER_MISTAKE - 1
        spoiled.insert(place, spoiled[place] | {column: value})
    return spoiled, len(mistakes)
