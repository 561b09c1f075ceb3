"""dbt inside the test process: imported once, and the project is parsed once per test process."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from dbt.adapters.duckdb.environments.local import LocalEnvironment
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from pipelines.dbt import dbt_environment
from pipelines.settings import DBT_PROJECT

_parsed: dict[str, Manifest] = {}
_plain_home = tempfile.TemporaryDirectory(prefix="ror-dbt-")


def run_dbt(home: Path, *arguments: str) -> None:
    """Run one dbt command on the build file of a home; a failure raises with what dbt printed."""
    environment = dbt_environment(home)
    if not (home / "seeds").exists():  # seeds as shipped: one parse serves every such home
        environment["ROR_SEEDS_PATH"] = dbt_environment(Path(_plain_home.name))["ROR_SEEDS_PATH"]
    with _environment(environment):
        _invoke(_manifest(environment["ROR_SEEDS_PATH"], environment["ROR_APIS"]), arguments)


def _manifest(seeds: str, apis: str) -> Manifest:
    folder = (DBT_PROJECT / seeds).resolve()
    digest = hashlib.sha256(f"{folder} {apis}".encode())
    for file in sorted(folder.iterdir()):
        digest.update(file.read_bytes())
    key = digest.hexdigest()
    if key not in _parsed:
        _parsed[key] = _invoke(None, ("parse", "--no-partial-parse"))
    return _parsed[key]


def _invoke(manifest: Manifest | None, arguments: tuple[str, ...]) -> Manifest:
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
        outcome = dbtRunner(manifest=manifest).invoke(["--quiet", *arguments])
    for environment in _open_environments():
        environment.close()  # dbt lets go of the file only when its process ends
    assert outcome.success, f"dbt {arguments}: {outcome.exception}\n{printed.getvalue()[-6000:]}"
    return outcome.result  # type: ignore[return-value]


def _open_environments() -> list[LocalEnvironment]:
    return [found for found in gc.get_objects() if isinstance(found, LocalEnvironment)]


@contextlib.contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    with mock.patch.dict(os.environ, variables), contextlib.chdir(DBT_PROJECT):
        yield
