"""Checks of files: the served version, the raw rows, the key of the pseudonyms, feeds and seeds."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

import duckdb

from pipelines import runlock
from pipelines.doctor.findings import Finding, misconfigured, unusable
from pipelines.errors import ExitCode, RorError
from pipelines.files.feeds import load_feed
from pipelines.ledger import Ledger
from pipelines.loading.raw import dataset
from pipelines.privacy.keys import load_key
from pipelines.publish.disk import served_run
from pipelines.publish.tables import quoted
from pipelines.publish.versions import verify_version
from pipelines.settings import DBT_PROJECT, Settings
from pipelines.sources import APIS, files


def published(settings: Settings) -> Iterator[Finding]:
    """The served version opens and is byte for byte what was published."""
    if served_run(settings.published) is None:
        yield Finding("published", "ok", "nothing published yet")
        return
    try:
        manifest = verify_version(settings)
    except RorError as error:
        yield unusable("published", f"{error.where}: {error.why}", error.next_step)
        return
    yield Finding("published", "ok", f"{manifest.run_id} equals its manifest")


def raw_rows(settings: Settings) -> Iterator[Finding]:
    """The build file holds the raw rows that the ledger saw: a damaged log loses them silently."""
    if not settings.build_file.exists() or not settings.ledger_file.exists():
        yield Finding("raw rows", "ok", "nothing loaded yet")
        return
    if runlock.holder(settings.lock_file) is not None:
        yield Finding("raw rows", "ok", "a run is in progress; not counted")
        return
    ledger, recorded = Ledger(settings.ledger_file), dict[str, int]()
    for source in (files.NAME, *(api.name for api in APIS)):
        recorded |= ledger.last_counts(dataset(source))
    try:
        short = _short_tables(settings.build_file, recorded)
    except duckdb.Error:
        yield unusable("raw rows", "the build file cannot be opened", "ror recover")
        return
    if short:
        name, rows = short[0]
        text = f"{name} has {rows} rows, the ledger saw {recorded[name]}"
        yield unusable("raw rows", text, "ror recover")
    else:
        yield Finding("raw rows", "ok", f"{sum(recorded.values())} rows, none missing")


def _short_tables(build_file: Path, recorded: dict[str, int]) -> list[tuple[str, int]]:
    with duckdb.connect(str(build_file), read_only=True) as con:
        names = con.execute(
            "select schema_name || '.' || table_name from duckdb_tables()"
        ).fetchall()
        found = dict.fromkeys(recorded, 0)
        for name in [name for (name,) in names if name in recorded]:
            count = con.execute(f"select count(*) from {quoted(*name.split('.'))}").fetchall()
            found[name] = count[0][0]
    return [(name, rows) for name, rows in sorted(found.items()) if rows < recorded[name]]


def pseudonym_key(settings: Settings) -> Iterator[Finding]:
    """The key is there, long enough and closed to others; a first run makes it."""
    file = settings.pseudonym_key_file.expanduser()
    is_first = settings.pseudonym_key is None and not file.exists()
    if is_first and not settings.vault_file.exists():
        yield Finding("pseudonym key", "ok", "the first run makes it")
        return
    try:
        load_key(settings)
    except RorError as error:
        text = f"{error.where}: {error.why}"
        yield Finding("pseudonym key", "fail", text, error.next_step, ExitCode.CREDENTIAL)
        return
    yield Finding("pseudonym key", "ok", "present")


def feeds(settings: Settings) -> Iterator[Finding]:
    """Every feed file can be read."""
    folder = settings.feeds_folder
    files = sorted(folder.glob("*.yml")) if folder.is_dir() else []
    wrong = []
    for file in files:
        try:
            load_feed(file)
        except RorError as error:
            wrong.append(misconfigured("feeds", f"{error.where}: {error.why}", error.next_step))
    yield from wrong or [Finding("feeds", "ok", f"{len(files)} feeds")]


def seeds(settings: Settings) -> Iterator[Finding]:
    """Seeds of the user have a shipped namesake and its columns."""
    shipped = {file.name: file for file in (DBT_PROJECT / "seeds").glob("*.csv")}
    folder = settings.seeds_folder
    files = sorted(folder.glob("*.csv")) if folder.is_dir() else []
    findings = []
    for file in files:
        if file.name not in shipped:
            text = f"{file.name} replaces nothing and is ignored"
            findings.append(Finding("seeds", "warn", text, f"rename or remove {file}"))
        elif fault := _seed_fault(file, shipped[file.name]):
            findings.append(misconfigured("seeds", f"{file.name}: {fault}", f"edit {file}"))
    yield from findings or [Finding("seeds", "ok", f"{len(files)} of the user")]


def _seed_fault(file: Path, shipped: Path) -> str | None:
    wanted = _rows(shipped)[0]
    try:
        rows = _rows(file)
    except (UnicodeDecodeError, csv.Error):
        return "is no CSV text in UTF-8"
    if not rows or rows[0] != wanted:
        return f"columns must be {', '.join(wanted)}"
    ragged = next((i for i, row in enumerate(rows, 1) if row and len(row) != len(wanted)), None)
    return f"line {ragged} does not have {len(wanted)} values" if ragged else None


def _rows(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.reader(stream, strict=True))
