"""Checks of the machine and the installation."""

from __future__ import annotations

import importlib.metadata
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import yaml

from pipelines import failpoints
from pipelines.doctor.findings import Finding, misconfigured, unusable
from pipelines.settings import DBT_PROJECT, ROOT, Settings

LOCK_FILE = ROOT / "requirements.lock"
OLDEST_PYTHON, NEWEST_PYTHON = (3, 11), (3, 13)
REQUIRED = ("dagster", "dbt-core", "dbt-duckdb", "dlt", "duckdb", "great-expectations", "pyarrow")
LEAST_MEMORY_MB = 1024
# What a broken zone database gets wrong: both hemispheres, half hours, no summer time.
PROBED_ZONES = ("UTC", "Europe/Rome", "Asia/Kolkata", "America/New_York", "Australia/Lord_Howe")


def python(_: Settings) -> Iterator[Finding]:
    """The interpreter is one that the locked packages support."""
    version = f"Python {sys.version.split()[0]}"
    if OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        yield Finding("python", "ok", version)
    else:
        yield misconfigured("python", f"{version} is not supported", "install Python 3.12")


def versions(_: Settings) -> Iterator[Finding]:
    """Installed packages equal the lock; a package of another platform may be absent."""
    pins: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([\w.-]+)==(\S+)", LOCK_FILE.read_text("utf-8"), re.MULTILINE
    ):
        pins.setdefault(name, set()).add(version)
    installed = {name: _installed(name) for name in pins}
    wrong = [
        f"{name} is {installed[name] or 'missing'}, locked {' or '.join(sorted(pinned))}"
        for name, pinned in sorted(pins.items())
        if installed[name] not in pinned and (installed[name] or name in REQUIRED)
    ]
    if wrong:
        more = f" and {len(wrong) - 1} more" if len(wrong) > 1 else ""
        yield misconfigured("packages", wrong[0] + more, "make setup")
    else:
        count = sum(version is not None for version in installed.values())
        yield Finding("packages", "ok", f"{count} packages equal requirements.lock")


def telemetry(settings: Settings) -> Iterator[Finding]:
    """No configuration file turns telemetry on again."""
    switches = (
        (DBT_PROJECT / "dbt_project.yml", "flags", "send_anonymous_usage_stats"),
        (settings.dagster_folder / "dagster.yaml", "telemetry", "enabled"),
    )
    for file, section, switch in switches:
        if not file.exists():
            continue
        content = yaml.safe_load(file.read_text("utf-8")) or {}
        if (content.get(section) or {}).get(switch) is not False:
            yield misconfigured(
                "telemetry", f"{file}: {section}.{switch} is not off", f"edit {file}"
            )
            return
    yield Finding("telemetry", "ok", "off")


def zones(settings: Settings) -> Iterator[Finding]:
    """Time zones resolve."""
    for name in (settings.time_zone, *PROBED_ZONES):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            yield misconfigured("time zones", f"{name} is unknown here", "pip install tzdata")
            return
    yield Finding("time zones", "ok", f"reporting dates are of {settings.time_zone}")


def failpoints_off(settings: Settings) -> Iterator[Finding]:
    """Nothing is set to fail on purpose."""
    if settings.failpoints or failpoints.hit is not failpoints._off:
        yield misconfigured("failpoints", "armed: runs will die on purpose", "unset ROR_FAILPOINTS")
    else:
        yield Finding("failpoints", "ok", "none armed")


def memory(settings: Settings) -> Iterator[Finding]:
    """DuckDB may use enough memory, and no more than there is."""
    limit, available = settings.memory_limit_mb, _available_mb()
    text = f"DuckDB may use {limit} MiB, {available} MiB are available"
    if limit < LEAST_MEMORY_MB:
        yield Finding("memory", "warn", text, f"ROR_MEMORY_LIMIT_MB={LEAST_MEMORY_MB} or more")
    elif available and limit > available:
        yield unusable("memory", text, f"set ROR_MEMORY_LIMIT_MB={available * 6 // 10}")
    else:
        yield Finding("memory", "ok", text)


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _available_mb() -> int:
    """Memory that processes can still get, MiB; 0 where the system does not say."""
    try:
        lines = Path("/proc/meminfo").read_text("ascii").splitlines()
    except OSError:
        return 0
    found = (line.split()[1] for line in lines if line.startswith("MemAvailable:"))
    return int(next(found, "0")) // 1024
