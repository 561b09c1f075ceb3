"""The inbox: takes files in safely and keeps a private copy before anything is read.

drop/<feed>/<file> ──checks, one open handle──▶ drop/archive/<feed>/<sha256>__<file>   (fsynced)
   └── `finish` removes it once its load is committed    └── `reject` moves it to drop/rejected/

Nothing is followed and nothing is opened twice: names are resolved against one directory handle,
links and devices are refused, and a file that changes while it is copied is left for later.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.clock import Clock
from pipelines.errors import ExitCode, RorError
from pipelines.files.copying import Identity, UnsafeFileError, copy_in, fsync_folder
from pipelines.files.feeds import Feed
from pipelines.settings import Settings

READY_SUFFIX = ".ok"
ARCHIVED_NAME = re.compile(r"(?P<sha256>[0-9a-f]{64})__(?P<name>.+)", re.DOTALL)
REFUSED_SUFFIXES = (
    ".zip", ".tar", ".tgz", ".tar.gz", ".bz2", ".tbz", ".xz", ".7z", ".rar", ".zst", ".lz4", ".z",
)  # fmt: skip


@dataclass(frozen=True)
class ArchivedFile:
    """A file whose bytes are safe: `path` is our copy, `name` what it is called in the inbox.

    `identity` tells the inbox file apart from a later one of the same name; None: it is in the
    archive only.
    """

    feed: str
    name: str
    path: Path
    sha256: str
    byte_count: int
    identity: Identity | None = None


@dataclass(frozen=True)
class Refusal:
    """A file that was not taken in, with a reason in one word and a sentence."""

    name: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Intake:
    """What one look into an inbox found. `waiting`: files that still change."""

    archived: tuple[ArchivedFile, ...] = ()
    refused: tuple[Refusal, ...] = ()
    waiting: tuple[str, ...] = ()


def take_in(feed: Feed, settings: Settings, clock: Clock) -> Intake:
    """Archive every acceptable file of `drop/<feed>/`, by name. The inbox itself stays as it is.

    Exit 78: the feed's folder is a link or no folder.
    """
    folder = settings.drop / feed.feed
    if not folder.exists() and not folder.is_symlink():
        return Intake()
    handle = _open_folder(folder)
    archived: list[ArchivedFile] = []
    refused: list[Refusal] = []
    waiting: list[str] = []
    try:
        names = sorted(os.listdir(handle))  # noqa: PTH208 (names relative to the open handle)
        for name in names:
            if name.startswith(".") or name.endswith(READY_SUFFIX):
                continue
            try:
                _check_name(feed, name)
                status = os.stat(name, dir_fd=handle, follow_symlinks=False)
                _check_kind(status)
                age_seconds = clock.now().timestamp() - status.st_mtime
                is_ready = f"{name}{READY_SUFFIX}" in names
                if not is_ready and abs(age_seconds) < settings.settle_seconds:
                    waiting.append(name)
                    continue
                copied = copy_in(handle, name, archive_folder(settings, feed.feed), settings)
            except UnsafeFileError as refusal:
                refused.append(Refusal(name, refusal.reason, refusal.detail))
                continue
            if copied is None:
                waiting.append(name)
                continue
            archived.append(ArchivedFile(feed.feed, name, *copied))
    finally:
        os.close(handle)
    return Intake(tuple(archived), tuple(refused), tuple(waiting))


def in_archive(feed: str, settings: Settings) -> list[ArchivedFile]:
    """Every archived file of a feed, oldest first: what a lost build file is rebuilt from."""
    folder = archive_folder(settings, feed)
    if not folder.is_dir():
        return []
    found = [
        (path.stat(), match, path)
        for path in folder.iterdir()
        if (match := ARCHIVED_NAME.fullmatch(path.name))
    ]
    found.sort(key=lambda item: (item[0].st_mtime_ns, item[2].name))
    return [
        ArchivedFile(feed, match["name"], path, match["sha256"], status.st_size)
        for status, match, path in found
    ]


def finish(archived: ArchivedFile, settings: Settings) -> None:
    """Remove the inbox file, now that its load is committed. A newer file of that name stays."""
    _remove_from_inbox(archived, settings)


def reject(archived: ArchivedFile, report: Mapping[str, Any], settings: Settings) -> Path:
    """Move a file that may not load to `drop/rejected/<feed>/`, beside `<file>.report.json`;
    returns its place.

    The report is written first: a crash leaves a report too many, never a file without a reason.
    """
    folder = settings.drop / "rejected" / archived.feed
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"{archived.sha256[:12]}__{archived.name}"
    note = target.with_name(f"{target.name}.report.json")
    note.write_text(json.dumps(report, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if archived.path.exists():
        archived.path.replace(target)
    fsync_folder(folder)
    _remove_from_inbox(archived, settings)
    return target


def archive_folder(settings: Settings, feed: str) -> Path:
    """Where the private copies of a feed's files lie."""
    return settings.drop / "archive" / feed


def _remove_from_inbox(archived: ArchivedFile, settings: Settings) -> None:
    if archived.identity is None:
        return
    handle = _open_folder(settings.drop / archived.feed)
    try:
        status = os.stat(archived.name, dir_fd=handle, follow_symlinks=False)
        if Identity.of(status) == archived.identity:
            os.unlink(archived.name, dir_fd=handle)
            os.unlink(f"{archived.name}{READY_SUFFIX}", dir_fd=handle)
    except FileNotFoundError:
        pass  # somebody took the file or its marker away: that is what we want
    finally:
        os.close(handle)


def _open_folder(folder: Path) -> int:
    try:
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        raise RorError(
            "files",
            str(folder),
            "the inbox is a link or no folder",
            f"make {folder} a folder",
            ExitCode.CONFIGURATION,
        ) from error


def _check_name(feed: Feed, name: str) -> None:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        raise UnsafeFileError("bad_name", "the name is no UTF-8") from None
    if not name.isprintable():
        raise UnsafeFileError("bad_name", "the name holds control characters")
    if name.lower().endswith(REFUSED_SUFFIXES):
        raise UnsafeFileError("archive", "archives other than a single .gz are not opened")
    if not fnmatch.fnmatchcase(name, feed.glob):
        raise UnsafeFileError(
            "name_not_matched", f"the name does not match the feed's glob {feed.glob!r}"
        )


def _check_kind(status: os.stat_result) -> None:
    if stat.S_ISLNK(status.st_mode):
        raise UnsafeFileError("symbolic_link", "links are not followed")
    if not stat.S_ISREG(status.st_mode):
        raise UnsafeFileError("not_a_file", "only regular files are taken")
    if status.st_nlink > 1:
        raise UnsafeFileError("hard_link", "the file has a second name elsewhere")
