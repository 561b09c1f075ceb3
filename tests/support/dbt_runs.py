"""dbt inside the test process: imported once, and the project is parsed once per test process."""

from __future__ import annotations

import contextlib
import gc
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from dbt.adapters.duckdb.environments.local import LocalEnvironment
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from pipelines.dbt import dbt_environment
from pipelines.dbt_process import drop_unseen_events
from pipelines.settings import DBT_PROJECT

drop_unseen_events()
_parsed: dict[str, Manifest] = {}
_parsing = tempfile.TemporaryDirectory(prefix="ror-dbt-")  # of this process: dbt's own cache


def run_dbt(home: Path, *arguments: str) -> None:
    """Run one dbt command on the build file of a home; a failure raises with what dbt printed."""
    environment = dbt_environment(home)
    seeds = _seeds_of(home)
    environment["ROR_SEEDS_PATH"] = os.path.relpath(seeds, DBT_PROJECT)
    manifest = _manifest(seeds, environment["ROR_APIS"])
    with _environment(environment):
        _invoke(manifest, arguments)


def _seeds_of(home: Path) -> Path:
    """The seeds of a home, always in the same folder: then dbt parses again what differs only."""
    ours, wanted = Path(_parsing.name) / "seeds", home / "dbt" / "seeds"
    ours.mkdir(exist_ok=True)
    for stale in {file.name for file in ours.iterdir()} - {file.name for file in wanted.iterdir()}:
        (ours / stale).unlink()
    for file in wanted.iterdir():
        if not (ours / file.name).exists() or (ours / file.name).read_bytes() != file.read_bytes():
            shutil.copyfile(file, ours / file.name)
    return ours


def _manifest(seeds: Path, apis: str) -> Manifest:
    digest = hashlib.sha256(apis.encode())
    for file in sorted(seeds.iterdir()):
        digest.update(f"{file.name} ".encode() + file.read_bytes())
    key = digest.hexdigest()
    if key not in _parsed:
        home = Path(_parsing.name) / "home"
        environment = dbt_environment(home) | {
            "ROR_APIS": apis, "ROR_SEEDS_PATH": os.path.relpath(seeds, DBT_PROJECT)
        }  # fmt: skip
        with _environment(environment):
            _parsed[key] = _invoke(None, ("parse",))
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
