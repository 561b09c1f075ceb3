"""dbt's command line as the night calls it: the same commands, without work that nobody sees.

dbt makes, formats and scrubs a debug event for everything it does, some thirty per model, and
throws it away when no log takes it: a fifth of a small night. Nothing else differs from `dbt`.
"""

from __future__ import annotations

from typing import Any

from dbt.cli.main import cli
from dbt_common.events.base_types import BaseEvent, EventLevel
from dbt_common.events.event_manager import EventManager

UNSEEN = frozenset({EventLevel.DEBUG, EventLevel.TEST})
_fire_event = EventManager.fire_event


def main() -> None:
    """`dbt`, whose debug events are dropped before they are formatted."""
    EventManager.fire_event = _fire_seen  # type: ignore[assignment,method-assign]
    cli()


def _fire_seen(
    manager: EventManager,
    event: BaseEvent,
    level: EventLevel | None = None,
    *more: Any,
    **named: Any,
) -> None:
    if (level or event.level_tag()) not in UNSEEN:
        _fire_event(manager, event, level, *more, **named)
