"""The file system side of publishing: durable writes, names, and faults told in one line."""

from __future__ import annotations

import errno
import hashlib
import os
import re
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from pipelines import failpoints
from pipelines.errors import ExitCode, RorError, memory_ended
from pipelines.settings import MEBIBYTE, Settings

DATABASE_NAME = "warehouse.duckdb"
CURRENT = "current"
TEMPORARY, TRASH, LINK, PIN = ".tmp-", ".trash-", ".current-", ".pinned-"
LEFTOVERS = (TEMPORARY, TRASH, LINK)
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
FULL_TEXTS = ("No space left", "Disk quota", "database or disk is full")
REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ELOOP})
REFUSED_TEXTS = ("ermission denied", "Read-only file system", "readonly database")
LEAST_ROOM_MB = 8
HOLDER = re.compile(r"Conflicting lock is held in (\S+).*?PID (\d+)")


def sync(path: Path) -> None:
    """Make a file's bytes, or a folder's entries, survive a power cut."""
    handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(file: Path) -> str:
    """SHA-256 of a file's content, hexadecimal."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def served_run(published: Path) -> str | None:
    """Run that `current` points to, or None before the first publication."""
    link = published / CURRENT
    return link.readlink().name if link.is_symlink() else None


def discard(folder: Path) -> None:
    """Remove a version; renamed first, so that no reader finds half of it under its name."""
    trash = folder.with_name(TRASH + folder.name.removeprefix(TEMPORARY).removeprefix(TRASH))
    if folder != trash:
        shutil.rmtree(trash, ignore_errors=True)
        folder.rename(trash)
    shutil.rmtree(trash)


def point_current_to(published: Path, run_id: str) -> None:
    """Let `current` name another version, atomically and durably; that version must exist."""
    link = published / (LINK + run_id)
    link.unlink(missing_ok=True)
    link.symlink_to(run_id, target_is_directory=True)
    failpoints.hit("publish.linked")
    link.replace(published / CURRENT)
    sync(published)
    failpoints.hit("publish.flipped")


@contextmanager
def explained(settings: Settings, run_id: str) -> Iterator[None]:
    """Turn faults of disk, memory and locks into one line that says what readers see; others pass.

    `run_id`: the version that is being put in place. Exit 73 disk full, not writable or out of
    memory; 75 file held by another program; 65 file damaged.
    """
    try:
        yield
    except (OSError, duckdb.Error, sqlite3.OperationalError) as error:
        if found := _explanation(settings, error, _what_is_served(settings, run_id)):
            raise found from error
        raise


def _what_is_served(settings: Settings, run_id: str) -> str:
    served = served_run(settings.published)
    if served is None:
        return "nothing is served yet"
    return "the new version is served" if served == run_id else "the last version stays served"


def _explanation(settings: Settings, error: Exception, served: str) -> RorError | None:
    where, text = str(settings.published), str(error)
    number = error.errno if isinstance(error, OSError) else None
    if number in FULL or any(sign in text for sign in FULL_TEXTS):
        free = shutil.disk_usage(settings.root).free // MEBIBYTE
        why = f"disk full: needs about {megabytes_needed(settings)} MB, {free} MB free; {served}"
        return _cannot_write(where, why, "free space, then ror run")
    if number in REFUSED or any(sign in text for sign in REFUSED_TEXTS):
        path = getattr(error, "filename", None) or where
        why = f"{os.strerror(number or errno.EACCES)}; {served}"
        return _cannot_write(str(path), why, "correct owner and mode, then ror run")
    if isinstance(error, duckdb.OutOfMemoryException):
        return memory_ended("publish", where, settings.memory_limit_mb, served)
    if holder := HOLDER.search(text):
        why = f"held by {Path(holder[1]).name} (pid {holder[2]}); {served}"
        next_step = "close it, then ror run"
        return RorError("publish", "build file", why, next_step, ExitCode.TRY_AGAIN)
    if isinstance(error, duckdb.IOException | duckdb.SerializationException):
        why = f"file damaged or unreadable; {served}"
        return RorError("publish", "build file", why, "ror doctor", ExitCode.DATA_REFUSED)
    return None


def megabytes_needed(settings: Settings) -> int:
    """Room for one more version, MiB, from the size of the served one (at first: the build file).

    Twice that size: small tables pass through DuckDB's log before they reach the file.
    """
    files = (settings.served_file, settings.build_file)
    size = next((file.stat().st_size for file in files if file.exists()), 0)
    return 2 * size // MEBIBYTE + LEAST_ROOM_MB


def _cannot_write(where: str, why: str, next_step: str) -> RorError:
    return RorError("publish", where, why, next_step, ExitCode.CANNOT_WRITE)
