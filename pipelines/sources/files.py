"""Files: everything a team can export, through the drop folder.

drop/<feed>/file ─intake─▶ archive ─read, check─▶ rows, quarantine ─keys─▶ spool ─here─▶ raw_files

Loads: one table per contract entity, `file_ledger` (one row per file that landed) and `quarantine`
(rows refused).

Idempotent: rows are appended, never overwritten; a file counts as loaded exactly when the load that
holds its ledger row is committed, and a file with known content is not read again. Whatever a crash
lands twice or leaves half loaded, staging removes: it reads committed loads only, each `_dlt_id`
once.

Run it: put a feed file in `feeds/`, files in `drop/<feed>/`, then `ror run`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import pyarrow as pa
from dlt.extract import DltSource

from pipelines.contract import ENTITIES
from pipelines.schema import OPERATIONAL_TABLES
from pipelines.sources.tables import landing_source

NAME = "files"
TABLES = (*(entity.name for entity in ENTITIES), *OPERATIONAL_TABLES)


class Landing(Protocol):
    """Checked, pseudonymised rows that wait to be landed."""

    def tables(self, name: str) -> Iterator[pa.Table]:
        """Arrow tables of one raw table, in landing order; none when there are no rows."""
        ...


def files(landing: Landing) -> DltSource:
    """What the file drop lands."""
    return landing_source(NAME, TABLES, landing.tables)
