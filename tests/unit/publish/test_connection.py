from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.publish.connection import build_connection
from tests.support.publishing import home


def test_build_connection_when_memory_ends_then_one_line_says_how_much_was_allowed(
    tmp_path: Path,
) -> None:
    settings = home(tmp_path).model_copy(update={"memory_limit_mb": 64})
    settings.build_file.parent.mkdir(parents=True, exist_ok=True)
    with pytest.raises(RorError) as raised, build_connection(settings) as con:
        con.execute("select len(list(i)) from range(100_000_000) as numbers (i)").fetchall()
    assert raised.value.code is ExitCode.CANNOT_WRITE
    assert raised.value.line() == (
        "build: warehouse.duckdb: needs more than 64 MiB; next: raise ROR_MEMORY_LIMIT_MB, then ror run"
    )
