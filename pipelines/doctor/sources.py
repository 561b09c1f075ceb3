"""Checks of APIs: are their settings complete, does their version live on, do they answer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pipelines.clock import Clock, SystemClock
from pipelines.doctor.findings import Finding, from_fault
from pipelines.errors import RorError
from pipelines.loading.api.session import probe
from pipelines.settings import Settings
from pipelines.sources.config import in_use, named, settings_of
from pipelines.sources.spec import Source

WARNED_AHEAD = timedelta(days=90)  # before a version ends


def sources(settings: Settings) -> Iterator[Finding]:
    """Every API in use has its settings, and its version does not end soon."""
    used = in_use(settings)
    if not used:
        yield Finding("sources", "ok", "no API in use; ROR_SOURCES names none")
    for source in used:
        try:
            source.token(settings_of(source))
        except RorError as error:
            yield from_fault(f"source {source.name}", error)
            continue
        yield _version(source, SystemClock().now().date())


def _version(source: Source, today: date) -> Finding:
    name = f"source {source.name}"
    ends = source.version_ends.get(source.version)
    if ends is not None and ends - WARNED_AHEAD <= today:
        text = f"version {source.version} ends on {ends}"
        return Finding(name, "warn", text, "update ror-warehouse")
    return Finding(name, "ok", "settings complete; not asked (ror doctor --source asks)")


def ask(names: tuple[str, ...], settings: Settings, clock: Clock | None = None) -> list[Finding]:
    """One finding per API: it answers, or what is wrong. No names: all in use."""
    chosen = named(names) if names else in_use(settings)
    return [_asked(source, clock or SystemClock()) for source in chosen]


def _asked(source: Source, clock: Clock) -> Finding:
    name = f"source {source.name}"
    try:
        refused = probe(source, clock)
    except RorError as error:
        return from_fault(name, error)
    if refused:
        return Finding(name, "warn", "; ".join(refused), f"grant the right at {source.title}")
    return Finding(name, "ok", f"{source.title} answers")
