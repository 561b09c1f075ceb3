"""Dagster's event log in SQLite, with connections that stay open.

Dagster opens and closes a database for each of the two thousand events of a night, which on a small
warehouse takes longer than all its SQL.
"""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import StaticPool

BUSY_SECONDS = 60  # as Dagster waits for another process
OPEN_FILES = 8  # of the index and the newest runs; `dagster dev` looks at all there are


class OpenEventLog(SqliteEventLogStorage):
    """Dagster's own event log, its files and its format; only what is open stays open."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._tables: set[str] = set()
        super().__init__(*arguments, **options)

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "OpenEventLog":
        """As `dagster.yaml` says."""
        return cls(inst_data=inst_data, **config_value)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(shard)
            if shard not in self._initialized_dbs:
                self._initdb(engine)
                self._initialized_dbs.add(shard)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, shard: str) -> Engine:
        if shard in self._engines:
            self._engines.move_to_end(shard)
            return self._engines[shard]
        while len(self._engines) >= OPEN_FILES:
            self._engines.popitem(last=False)[1].dispose()
        # One connection each, for whichever thread holds the lock.
        options = {"timeout": BUSY_SECONDS, "check_same_thread": False}
        engine = create_engine(
            self.conn_string_for_shard(shard), poolclass=StaticPool, connect_args=options
        )
        event.listen(engine, "connect", _without_waiting)
        self._engines[shard] = engine
        return engine

    def has_table(self, table_name: str) -> bool:
        """Whether the index has this table; none ever goes."""
        if table_name not in self._tables and super().has_table(table_name):
            self._tables.add(table_name)
        return table_name in self._tables

    def wipe(self) -> None:
        """Forget all events; the files go."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Close all files."""
        self._close()
        super().dispose()

    def _close(self) -> None:
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()


def _without_waiting(connection: Any, _record: Any) -> None:
    """A commit does not wait for the disk: what a power cut takes away the ledger still knows."""
    connection.execute("pragma synchronous = normal")
