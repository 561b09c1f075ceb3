"""Lifetime figures of posts over time, and parts of figures."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pipelines.world.fakenet.facade import stable_hex
from pipelines.world.fakenet.store import Fate, Record, Version
from pipelines.world.networks import Published

Figures = dict[str, int]


def figure_record(
    kind: str, record_id: str, published: Published, moments: list[datetime],
    more: Callable[[datetime], Figures],
) -> Record | None:  # fmt: skip
    """The lifetime figures of a post at each moment; None when no moment has come yet."""
    versions: list[Version] = []
    for moment in moments:
        fields = published.figures(moment) | more(moment)
        if not versions or versions[-1].fields != fields:
            versions.append(Version(moment, fields))
    fate = Fate.DELETED if published.deleted_at else None
    if not versions:
        return None
    return Record(kind, record_id, tuple(versions), fate, published.deleted_at)


def share(total: int, part: float, *parts: object) -> int:
    """A part of a figure with up to a tenth of chance in it; the same parts give the same."""
    chance = int(stable_hex(*parts)[:4], 16) / 0xFFFF
    return int(total * part * (0.9 + 0.2 * chance))
