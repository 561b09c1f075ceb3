"""What tests of staged APIs share: a module's `home` is read through these."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest

from tests.support.apis import ApiHome


@pytest.fixture(scope="module")
def built(home: ApiHome) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file of the module's home, to read."""
    con = duckdb.connect(str(home.settings.build_file), read_only=True)
    yield con
    con.close()


@pytest.fixture(scope="module")
def clear(home: ApiHome) -> dict[str | None, str | None]:
    """Readable value by pseudonym, from the vault of the module's home."""
    with duckdb.connect(str(home.settings.vault_file), read_only=True) as vault:
        found = vault.execute("select subject_key, lower(value) from identifiers").fetchall()
    return {None: None, **dict(found)}
