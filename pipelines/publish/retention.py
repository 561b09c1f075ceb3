"""Which versions stay, what dead runs left behind, and what the ledger missed when a run died."""

from __future__ import annotations

import shutil

from pipelines.ledger import Ledger
from pipelines.publish.disk import LEFTOVERS, PIN, discard, served_run, sync
from pipelines.publish.manifest import read_manifest
from pipelines.settings import Settings


def version_names(settings: Settings) -> list[str]:
    """Run ids of the versions on disk, newest first."""
    if not settings.published.is_dir():
        return []
    return sorted(
        (
            entry.name
            for entry in settings.published.iterdir()
            if entry.is_dir() and not entry.is_symlink() and not entry.name.startswith(".")
        ),
        reverse=True,
    )


def pinned_names(settings: Settings) -> set[str]:
    """Run ids of versions that nothing may remove."""
    return {path.name.removeprefix(PIN) for path in settings.published.glob(f"{PIN}*")}


def good_names(settings: Settings, ledger: Ledger) -> list[str]:
    """Versions on disk that readers were given and not taken back from, newest first."""
    served = {row["run_id"] for row in ledger.publications() if row["withdrawn_at"] is None}
    return [name for name in version_names(settings) if name in served]


def prune(settings: Settings, ledger: Ledger) -> list[str]:
    """Remove versions beyond the newest `keep_versions` good ones, never the served nor a pinned.

    A reader that has a removed version open keeps it until it closes. Returns what was removed.
    """
    kept = set(good_names(settings, ledger)[: settings.keep_versions]) | pinned_names(settings)
    kept.add(served_run(settings.published) or "")
    removed = [name for name in version_names(settings) if name not in kept]
    for name in removed:
        discard(settings.published / name)
    if removed:
        sync(settings.published)
    return removed


def clean_leftovers(settings: Settings) -> list[str]:
    """Remove what dead runs left half done; call it under the run lock only. Returns the names."""
    if not settings.published.is_dir():
        return []
    unpublished = _unpublished_names(settings)
    found = [
        entry
        for entry in settings.published.iterdir()
        if entry.name.startswith(LEFTOVERS) or entry.name in unpublished
    ]
    for entry in found:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
    return sorted(entry.name for entry in found)


def _unpublished_names(settings: Settings) -> set[str]:
    """Finished versions that readers were never given: the run died between rename and flip.

    Only of runs that the ledger knows: with a lost ledger nothing is removed.
    """
    if not settings.ledger_file.exists():
        return set()
    ledger = Ledger(settings.ledger_file)
    known = {row["run_id"] for row in ledger.runs()}
    served = {row["run_id"] for row in ledger.publications()} | pinned_names(settings)
    return known - served - {served_run(settings.published)}


def repair_after_crash(settings: Settings, ledger: Ledger) -> str | None:
    """Record a version whose run died between flip and ledger; returns its run id."""
    served = served_run(settings.published)
    if served is None or served in good_names(settings, ledger):
        return None
    manifest = read_manifest(settings.published / served)
    if manifest is None:
        return None
    ledger.record_publication(served, manifest.sha256, manifest.byte_count)
    return served
