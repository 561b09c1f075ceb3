"""How dbt is called: environment, seeds of the user laid over ours, and where its files go."""

from __future__ import annotations

import csv
import os
import shutil
import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

from pipelines.errors import ExitCode, RorError
from pipelines.settings import DBT_PROJECT, TELEMETRY_OFF, Settings, load_settings

LARGE_BUILD_BYTES = 500_000_000


def apis_in_models(settings: Settings) -> list[str]:
    """APIs whose rows the models read: those in use, and those that ever landed something.

    One that never did would cost every night a union with nothing.
    """
    names = set(settings.source_names)
    if settings.ledger_file.exists():
        address = f"file:{settings.ledger_file}?mode=ro"
        # A damaged ledger is others' business.
        with suppress(sqlite3.Error), closing(sqlite3.connect(address, uri=True)) as ledger:
            names |= {row[0] for row in ledger.execute("select distinct source from loads")}
    return sorted(names)


def models_at_once(settings: Settings) -> int:
    """Two while they are small, since dbt's own work is most of theirs; else one after the other.

    A large one uses every thread of DuckDB by itself, and may need all the memory there is.
    """
    file = settings.build_file
    return 1 if file.exists() and file.stat().st_size > LARGE_BUILD_BYTES else 2


def check_own_seeds(settings: Settings) -> None:
    """Exit 78 when a seed of the user's lacks a column of ours: an upgrade may bring some."""
    for file in sorted(settings.seeds_folder.glob("*.csv")):
        shipped = DBT_PROJECT / "seeds" / file.name
        columns = _columns(file)
        missing = [name for name in _columns(shipped) if name not in columns]
        if missing:
            why = f"column {', '.join(missing)} is missing"
            next_step = f"add it, as in {shipped.relative_to(DBT_PROJECT.parent)}"
            raise RorError("build", str(file), why, next_step, ExitCode.CONFIGURATION)


def _columns(seed: Path) -> list[str]:
    if not seed.exists():
        return []
    with seed.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        return [name.strip() for name in next(csv.reader(file), [])]


def dbt_environment(home: Path) -> dict[str, str]:
    """Variables that `profiles.yml` and `dbt_project.yml` read, for the warehouse under `home`.

    Lays the user's seeds (`<home>/seeds/*.csv`) over the shipped ones in `<home>/dbt/seeds`: a file
    of the same name replaces ours.
    """
    settings = load_settings(home=home)
    seeds = settings.dbt_folder / "seeds"
    seeds.mkdir(parents=True, exist_ok=True)
    wanted = {file.name: file for file in (DBT_PROJECT / "seeds").iterdir() if file.is_file()}
    if settings.seeds_folder.is_dir():
        wanted |= {
            file.name: file for file in settings.seeds_folder.glob("*.csv") if file.name in wanted
        }
    for stale in [file for file in seeds.iterdir() if file.name not in wanted]:
        stale.unlink()
    for name, file in wanted.items():
        if not (seeds / name).exists() or (seeds / name).read_bytes() != file.read_bytes():
            shutil.copyfile(file, seeds / name)
    return TELEMETRY_OFF | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.defpath}",
        "ROR_BUILD_FILE": str(settings.build_file),
        "ROR_APIS": ",".join(apis_in_models(settings)),
        "ROR_SEEDS_PATH": os.path.relpath(seeds, DBT_PROJECT),
        "ROR_MEMORY_LIMIT": f"{settings.memory_limit_mb}MiB",
        "ROR_SPILL_FOLDER": str(settings.root / "build" / "spill"),
        "ROR_THREADS": str(settings.threads),
        "ROR_ANNUAL_DISCOUNT_RATE": str(settings.annual_discount_rate),
        "DBT_PROJECT_DIR": str(DBT_PROJECT),
        "DBT_PROFILES_DIR": str(DBT_PROJECT),
        "DBT_TARGET_PATH": str(settings.dbt_folder / "target"),
        "DBT_LOG_PATH": str(settings.logs / "dbt"),
        "DBT_LOG_LEVEL_FILE": "info",  # with every statement of a build it takes seconds to write
    }
