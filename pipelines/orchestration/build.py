"""The dbt build inside a run: progress while it goes, and one clear line when it fails."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from functools import cached_property
from importlib import metadata
from pathlib import Path
from typing import Any

from dagster import AssetExecutionContext
from dagster_dbt import DbtCliResource
from dagster_dbt.errors import DagsterDbtCliRuntimeError
from packaging.version import Version

from pipelines.context import RunContext
from pipelines.dbt import check_own_seeds, dbt_environment, models_at_once
from pipelines.errors import ExitCode, RorError, memory_ended
from pipelines.settings import DBT_PROJECT, Settings, set_process_environment

EXECUTABLE = Path(sys.executable).parent / "ror-dbt"
BUILD = ["build", "--exclude-resource-type", "unit_test"]  # unit tests are `make test`'s
MANIFEST_INPUTS = ("*.sql", "*.yml", "*.md", "*.csv")


class PinnedDbt(DbtCliResource):
    """Neither starts dbt to learn its version nor loads its macros here: eight seconds a night."""

    @cached_property
    def _cli_version(self) -> Version:
        return Version(metadata.version("dbt-core"))

    def _initialize_dbt_core_adapter(self, args: Any) -> Any:
        del args
        return None  # nothing asks the warehouse through it


def prepare_manifest(settings: Settings) -> Path:
    """The manifest of today's project for this home; parses only when a file changed."""
    check_own_seeds(settings)
    environment = dbt_environment(settings.root)
    set_process_environment(environment)
    target = settings.dbt_folder / "target"
    manifest, stamp = target / "manifest.json", target / "project.sha256"
    wanted = _project_hash(settings, environment["ROR_APIS"])
    if manifest.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == wanted:
        return manifest
    done = subprocess.run(
        [str(EXECUTABLE), "--quiet", "parse"],
        cwd=DBT_PROJECT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode != 0:
        why = next(
            (line for line in done.stdout.splitlines() if "rror" in line), "dbt parse failed"
        )
        raise RorError("build", "dbt_project", why.strip(), "dbt parse", ExitCode.CONFIGURATION)
    stamp.write_text(wanted, encoding="ascii")
    return manifest


def _project_hash(settings: Settings, apis: str) -> str:
    digest = hashlib.sha256(f"{settings.root} {apis}".encode())
    for folder in (DBT_PROJECT, settings.dbt_folder / "seeds"):
        for pattern in MANIFEST_INPUTS:
            for file in sorted(folder.rglob(pattern)):
                digest.update(str(file.relative_to(folder)).encode() + file.read_bytes())
    return digest.hexdigest()


def run_build(run: RunContext, context: AssetExecutionContext, *arguments: str) -> Iterator[Any]:
    """Run `dbt build` on the assets of the context, yielding one event per model and test.

    Exit 20 when a test fails.
    """
    target = run.settings.dbt_folder / "target"
    dbt = PinnedDbt(
        project_dir=str(DBT_PROJECT), profiles_dir=str(DBT_PROJECT), dbt_executable=str(EXECUTABLE)
    )
    threads = ["--threads", str(models_at_once(run.settings))]
    invocation = dbt.cli([*BUILD, *threads, *arguments], context=context, target_path=target)
    beat = run.beating("build")
    try:
        for finished, event in enumerate(invocation.stream(), start=1):
            beat(finished)
            yield event
    except DagsterDbtCliRuntimeError as error:
        raise _failure(target / "run_results.json", run.settings) from error
    if not invocation.is_successful():  # ended by a signal: the stream just stops
        raise _ended_early()


def _ended_early() -> RorError:
    return RorError("build", "dbt", "ended early", "ror --debug run", ExitCode.DEFECT)


def _failure(results_file: Path, settings: Settings) -> RorError:
    """What failed first, by dbt's record; messages of queries may hold values and stay out."""
    try:
        results = json.loads(results_file.read_text(encoding="utf-8"))["results"]
    except (OSError, ValueError, KeyError):
        return _ended_early()
    failed = [r for r in results if r["status"] in ("fail", "error", "runtime error")]
    if not failed:
        return _ended_early()
    first = failed[0]
    kind, _, name = str(first["unique_id"]).split(".", 2)
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    if "Out of Memory" in (first.get("message") or ""):
        return memory_ended("build", name, settings.memory_limit_mb)
    if "NOT NULL constraint failed" in (first.get("message") or ""):
        column = str(first["message"]).rpartition(".")[2].split()[0]
        return RorError("build", name, f"a NULL in {column}", "ror status", ExitCode.BLOCKED)
    if kind == "test":
        why = f"{first.get('failures') or 'some'} rows fail this test{more}"
        return RorError("build", name, why, "ror status --checks", ExitCode.BLOCKED)
    next_step = f"see {settings.nightly_log}"
    return RorError("build", name, f"{kind} failed{more}", next_step, ExitCode.DEFECT)
