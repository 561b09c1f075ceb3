"""DuckDB connections of the publication: nothing is open before, nothing stays open after."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines.errors import ExitCode, RorError, memory_ended
from pipelines.publish.tables import literal
from pipelines.settings import Settings

# Files of this format open in every 1.x client; a later one would shut out BI tools with an older
# driver.
STORAGE_VERSION = "v1.0.0"
STORAGE_TAG = "v1.0.0+"


def wal_of(file: Path) -> Path:
    """DuckDB's write-ahead log of a database file; absent when the file is complete by itself."""
    return file.with_name(file.name + ".wal")


def refuse_wal(file: Path) -> None:
    """Exit 65 when rows are still outside the file: a damaged log loses them without an error."""
    if wal_of(file).exists():
        raise RorError(
            "publish",
            file.name,
            "its write-ahead log is still there",
            "ror run",
            ExitCode.DATA_REFUSED,
        )


def settle_build(settings: Settings) -> None:
    """Bring every committed row into the build file itself. Exit 65 when there is no build file."""
    file = settings.build_file
    if not file.exists():
        raise RorError("publish", file.name, "no build file", "ror run", ExitCode.DATA_REFUSED)
    with duckdb.connect(str(file), config=_limits(settings)) as con:
        con.execute("checkpoint")
    refuse_wal(file)


@contextmanager
def build_connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file, to write, with the limits of the settings; one writer at a time.

    Exit 73: what is done with it needs more memory than DuckDB may use.
    """
    with duckdb.connect(str(settings.build_file), config=_limits(settings)) as con:
        try:
            yield con
        except duckdb.OutOfMemoryException as error:
            name = settings.build_file.name
            raise memory_ended("build", name, settings.memory_limit_mb) from error


@contextmanager
def memory_connection(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A fresh in-memory connection with the limits of the settings; spills below `build`."""
    with duckdb.connect(":memory:", config=_limits(settings)) as con:
        yield con


def _limits(settings: Settings) -> dict[str, str | bool | int | float | list[str]]:
    return {
        "memory_limit": f"{settings.memory_limit_mb}MiB",
        "threads": settings.threads,
        "temp_directory": str(settings.root / "build" / "spill"),
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
    }


def attach(
    con: duckdb.DuckDBPyConnection, file: Path, name: str, *, read_only: bool = True
) -> None:
    """Attach a database file; a new one gets the storage format that all 1.x clients read."""
    options = "read_only" if read_only else f"storage_version '{STORAGE_VERSION}'"
    con.execute(f"attach {literal(str(file))} as {name} ({options})")


def assert_storage(con: duckdb.DuckDBPyConnection, name: str) -> None:
    """Exit 70 when the attached file is not of the format that all 1.x clients read."""
    tag = con.execute(
        "select tags['storage_version'] from duckdb_databases()"
        f" where database_name = {literal(name)}"
    ).fetchone()
    if tag != (STORAGE_TAG,):
        raise RorError(
            "publish", name, f"storage format is not {STORAGE_TAG}", "report it", ExitCode.DEFECT
        )
