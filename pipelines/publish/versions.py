"""Published versions as the operator handles them: list, verify, pin, roll back, release."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from pipelines.errors import ExitCode, RorError
from pipelines.ledger import Ledger
from pipelines.publish.connection import wal_of
from pipelines.publish.disk import (
    DATABASE_NAME,
    PIN,
    explained,
    point_current_to,
    served_run,
    sha256_of,
)
from pipelines.publish.manifest import Manifest, read_manifest
from pipelines.publish.retention import good_names, pinned_names, version_names
from pipelines.publish.tables import quoted
from pipelines.settings import Settings


@dataclass(frozen=True)
class Version:
    """One version on disk; `built_at` is ISO 8601 UTC. With a damaged manifest: size 0, no time."""

    run_id: str
    built_at: str
    byte_count: int
    is_current: bool
    is_pinned: bool


def list_versions(settings: Settings) -> list[Version]:
    """All versions on disk, newest first."""
    current, pinned = served_run(settings.published), pinned_names(settings)
    listed = []
    for name in version_names(settings):
        manifest = read_manifest(settings.published / name)
        built_at, size = (manifest.built_at, manifest.byte_count) if manifest else ("damaged", 0)
        listed.append(Version(name, built_at, size, name == current, name in pinned))
    return listed


def verify_version(settings: Settings, run_id: str | None = None) -> Manifest:
    """Hold a version (default: the served one) against its manifest: hash, then rows of tables.

    Exit 65 naming the first difference; exit 64 when there is no such version.
    """
    folder = _folder(settings, run_id or served_run(settings.published))
    manifest, file = read_manifest(folder), folder / DATABASE_NAME
    if manifest is None:
        raise _damaged(folder.name, "manifest is missing or damaged")
    if wal_of(file).exists():
        raise _damaged(folder.name, "somebody wrote to it: a write-ahead log lies beside it")
    if not file.is_file() or sha256_of(file) != manifest.sha256:
        raise _damaged(folder.name, "content is not what was published")
    try:
        with duckdb.connect(str(file), read_only=True) as con:
            for label, facts in manifest.tables.items():
                count = con.execute(f"select count(*) from {quoted(*label.split('.'))}").fetchone()
                if count != (facts["rows"],):
                    raise _damaged(folder.name, f"{label} does not have {facts['rows']} rows")
    except duckdb.Error as error:
        raise _damaged(folder.name, "DuckDB cannot open it") from error
    return manifest


def pin(settings: Settings, run_id: str) -> None:
    """Keep a version until it is unpinned. Exit 64 when there is no such version."""
    _folder(settings, run_id)
    (settings.published / (PIN + run_id)).touch()


def unpin(settings: Settings, run_id: str) -> None:
    """Let a version go when its time comes. Exit 64 when there is no such version."""
    _folder(settings, run_id)
    (settings.published / (PIN + run_id)).unlink(missing_ok=True)


def rollback(
    settings: Settings, ledger: Ledger, to: str | None = None, *, hold: bool = False
) -> Manifest:
    """Serve an older version again; default: the newest good one before the served one.

    `hold` stops nightly publishing until `release`. Exit 64 unknown version, 65 damaged version.
    """
    current = served_run(settings.published)
    target = to or next(
        (name for name in good_names(settings, ledger) if current and name < current), None
    )
    if target is None:
        raise RorError(
            "rollback", "published", "no older good version", "ror publish list", ExitCode.USAGE
        )
    manifest = verify_version(settings, target)
    with explained(settings, target):
        if hold:
            ledger.set_hold(True)
        # Withdrawn first: if we die now, the next start finds it still served and records it again.
        if current and current != target:
            ledger.withdraw_publication(current)
        point_current_to(settings.published, target)
    ledger.record_publication(target, manifest.sha256, manifest.byte_count)
    return manifest


def release(settings: Settings, ledger: Ledger) -> str | None:
    """Let the nightly run publish again; returns the run that stays served until it does."""
    ledger.set_hold(False)
    return served_run(settings.published)


def _folder(settings: Settings, run_id: str | None) -> Path:
    if run_id is None or run_id not in version_names(settings):
        raise RorError(
            "publish", run_id or "current", "no such version", "ror publish list", ExitCode.USAGE
        )
    return settings.published / run_id


def _damaged(where: str, why: str) -> RorError:
    return RorError("publish", where, why, "ror rollback", ExitCode.DATA_REFUSED)
