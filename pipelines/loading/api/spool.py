"""Mapped rows of one source on disk, until it is known which of them are news."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.loading.api.tables import mapped_schema
from pipelines.sources.spec import Resource

HELD_ROWS = 50_000  # pages are small; they are written together
POSITION = "_position"  # order of arrival within the run


class Spool:
    """One Parquet file per resource, in order of arrival."""

    def __init__(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        self.folder = folder
        self.rows: Counter[str] = Counter()
        self._held: dict[str, list[pa.Table]] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def add(self, resource: Resource, table: pa.Table) -> None:
        """Keep rows of a resource."""
        first = self.rows[resource.name]
        positions = pa.array(range(first, first + table.num_rows), pa.int64())
        self.rows[resource.name] += table.num_rows
        held = self._held.setdefault(resource.name, [])
        held.append(table.append_column(POSITION, positions))
        if sum(part.num_rows for part in held) >= HELD_ROWS:
            self._write(resource)

    def file(self, resource: Resource) -> Path | None:
        """The complete file of a resource; None without rows. Nothing may be added afterwards."""
        if not self.rows[resource.name]:
            return None
        self._write(resource)
        self._writers[resource.name].close()
        return self._path(resource)

    def remove(self) -> None:
        """Delete the files: what is in them has landed, or will be read again."""
        for writer in self._writers.values():
            writer.close()
        self._writers.clear()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, resource: Resource) -> None:
        held = self._held.pop(resource.name, [])
        if not held:
            return
        if resource.name not in self._writers:
            schema = mapped_schema(resource).append(pa.field(POSITION, pa.int64()))
            self._writers[resource.name] = pq.ParquetWriter(
                self._path(resource), schema, compression="lz4"
            )
        self._writers[resource.name].write_table(pa.concat_tables(held))

    def _path(self, resource: Resource) -> Path:
        return self.folder / f"{resource.name}.parquet"
