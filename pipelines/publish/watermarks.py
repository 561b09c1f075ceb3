"""How far each source's data reaches, as the build says."""

from __future__ import annotations

from datetime import datetime

import duckdb

from pipelines.settings import Settings

NEWEST = "select source, max(newest_event_at) from ops.source_freshness group by source"


def watermarks(settings: Settings) -> dict[str, datetime | None]:
    """Newest event per source, UTC; None where its entities have no event time."""
    with duckdb.connect(str(settings.build_file), read_only=True) as con:
        return dict(con.execute(NEWEST).fetchall())
