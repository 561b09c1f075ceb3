"""The vault: the only place where identifiers are readable. One private DuckDB file, written before
rows land.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

import duckdb
import pyarrow as pa

from pipelines.errors import ExitCode, RorError
from pipelines.privacy.keys import PseudonymKey

SCHEMA = """
create table if not exists key_checks (key_id varchar primary key, check_value varchar not null);
create table if not exists identifiers (
    subject_key varchar not null, kind varchar not null, value varchar not null,
    first_seen_at timestamptz not null, last_seen_at timestamptz not null,
    primary key (subject_key, value));
"""
UPSERT = """
insert into identifiers
select subject_key, kind, value, min(seen_at), max(seen_at) from batch group by all
on conflict (subject_key, value) do update set
    first_seen_at = least(first_seen_at, excluded.first_seen_at),
    last_seen_at = greatest(last_seen_at, excluded.last_seen_at)
"""
BATCH_SCHEMA = pa.schema(
    [
        ("subject_key", pa.string()),
        ("kind", pa.string()),
        ("value", pa.string()),
        ("seen_at", pa.timestamp("us", tz="UTC")),
    ]
)


class Vault:
    """An open vault. Several spellings of one identifier are several rows of one `subject_key`.

    A profile's value is its `network|handle`; all other values stand as they were written, trimmed.
    """

    def __init__(self, path: Path, key: PseudonymKey) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            self._connection = duckdb.connect(str(path), config={"threads": 1})
        except duckdb.IOException as error:
            raise RorError(
                "privacy", str(path), "the vault cannot be opened", "ror status", ExitCode.TRY_AGAIN
            ) from error
        path.chmod(0o600)
        self._connection.execute(SCHEMA)
        self._check(path, key)

    def _check(self, path: Path, key: PseudonymKey) -> None:
        """Refuse a key other than the one the vault was made with: its pseudonyms would match
        nothing.
        """
        self._connection.execute(
            "insert or ignore into key_checks values (?, ?)", [key.key_id, key.check_value]
        )
        found = self._connection.execute(
            "select check_value from key_checks where key_id = ?", [key.key_id]
        ).fetchone()
        if found != (key.check_value,):
            self.close()
            raise RorError(
                "privacy",
                str(path),
                "the pseudonym key is not the one this vault was made with",
                "restore the key (ROR_PSEUDONYM_KEY or ROR_PSEUDONYM_KEY_FILE)",
                ExitCode.CONFIGURATION,
            )

    def upsert(self, identifiers: pa.Table) -> None:
        """Add or refresh identifiers, columns as in `BATCH_SCHEMA`; durable when it returns."""
        self._connection.register("batch", identifiers)
        self._connection.execute(UPSERT)
        self._connection.unregister("batch")

    def close(self) -> None:
        """Write everything out and let go of the file."""
        self._connection.close()

    def __enter__(self) -> Vault:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def attach_vault(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The vault as database `vault` of a connection, read-only; empty where nothing landed yet."""
    if path.exists():
        quoted = str(path).replace("'", "''")
        connection.execute(f"attach '{quoted}' as vault (read_only)")
        return
    connection.execute("attach ':memory:' as vault")
    connection.execute("create table vault.identifiers (subject_key varchar, value varchar)")
