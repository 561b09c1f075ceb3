"""Copies one inbox file into the archive: hashed, measured and fsynced in a single pass over its
bytes.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from pipelines.files.opening import RATIO_FREE_BYTES
from pipelines.settings import MEBIBYTE, Settings

CHUNK_BYTES = MEBIBYTE
GZIP_WINDOW = 31  # zlib's way of saying: with a gzip header
GZIP_MAGIC = b"\x1f\x8b"


class UnsafeFileError(Exception):
    """A file that may not be taken in: `reason` in one word, `detail` in a sentence without
    content.
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"{reason}: {detail}")


@dataclass(frozen=True)
class Identity:
    """Tells a file apart from a later one under the same name."""

    device: int
    inode: int
    size: int
    modified_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Identity:
        """Identity of the file that `status` describes."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)


class _Inflation:
    """Counts what a `.gz` file unpacks to, without keeping it; refuses bombs and more members."""

    def __init__(self, limit_bytes: int, ratio: int) -> None:
        self._inflate = zlib.decompressobj(GZIP_WINDOW)
        self._limit_bytes, self._ratio = limit_bytes, ratio
        self._read = self._unpacked = 0

    def feed(self, chunk: bytes) -> None:
        self._read += len(chunk)
        if self._inflate.eof:
            raise UnsafeFileError(
                "archive", "the .gz file has several members or bytes after its end"
            )
        try:
            while chunk:
                self._unpacked += len(self._inflate.decompress(chunk, CHUNK_BYTES))
                self._check()
                chunk = self._inflate.unconsumed_tail
        except zlib.error:
            raise UnsafeFileError("broken_gzip", "the .gz file cannot be unpacked") from None
        if self._inflate.unused_data:
            raise UnsafeFileError(
                "archive", "the .gz file has several members or bytes after its end"
            )

    def _check(self) -> None:
        if self._unpacked > self._limit_bytes:
            raise UnsafeFileError(
                "too_large", f"unpacks to more than {self._limit_bytes // MEBIBYTE} MiB"
            )
        allowed = self._ratio * self._read + RATIO_FREE_BYTES
        if self._unpacked > allowed:
            raise UnsafeFileError("bomb", f"unpacks to more than {self._ratio} times its size")

    def finish(self) -> None:
        if not self._inflate.eof:
            raise UnsafeFileError("broken_gzip", "the .gz file ends too early")


def copy_in(
    folder_handle: int, name: str, archive: Path, settings: Settings
) -> tuple[Path, str, int, Identity] | None:
    """Copy `name` from the open folder; returns (path, SHA-256, bytes, identity), None while it
    still changes.

    Raises UnsafeFileError. The copy has its final name only after its bytes are on disk.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        handle = os.open(name, flags, dir_fd=folder_handle)
    except OSError as error:
        raise UnsafeFileError("unreadable", f"cannot be opened: {error.strerror}") from None
    with os.fdopen(handle, "rb") as source:
        before = os.fstat(source.fileno())
        if not stat.S_ISREG(before.st_mode) or before.st_nlink > 1:
            raise UnsafeFileError("not_a_file", "it was exchanged while it was opened")
        if before.st_size > settings.max_file_mb * MEBIBYTE:
            raise UnsafeFileError("too_large", f"larger than {settings.max_file_mb} MiB")
        archive.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = archive / f".incoming-{secrets.token_hex(8)}"
        try:
            sha256 = _copy(source, draft, settings, is_gzip=name.lower().endswith(".gz"))
            if name.lower().endswith(".xlsx"):
                _check_workbook(draft, settings)
            if Identity.of(os.fstat(source.fileno())) != Identity.of(before):
                return None
            path = _settle(draft, archive, sha256, name)
        finally:
            draft.unlink(missing_ok=True)
    return path, sha256, before.st_size, Identity.of(before)


def _copy(source: io.BufferedReader, draft: Path, settings: Settings, *, is_gzip: bool) -> str:
    digest = hashlib.sha256()
    limit_bytes = settings.max_file_mb * MEBIBYTE
    inflation: _Inflation | None = None
    copied_bytes = 0
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while chunk := source.read(CHUNK_BYTES):
            if copied_bytes == 0 and (is_gzip or chunk.startswith(GZIP_MAGIC)):
                inflation = _Inflation(limit_bytes, settings.max_compression_ratio)
            copied_bytes += len(chunk)
            if copied_bytes > limit_bytes:  # it grows under our hands
                raise UnsafeFileError("too_large", f"larger than {settings.max_file_mb} MiB")
            if inflation:
                inflation.feed(chunk)
            digest.update(chunk)
            target.write(chunk)
        if inflation:
            inflation.finish()
        target.flush()
        os.fsync(target.fileno())
    return digest.hexdigest()


def _settle(draft: Path, archive: Path, sha256: str, name: str) -> Path:
    """Give the copy its name; known content keeps the copy, and the place in time, that it has."""
    for known in archive.glob(f"{sha256}__*"):
        return known
    path = archive / f"{sha256}__{name}"
    draft.rename(path)
    fsync_folder(archive)
    return path


def _check_workbook(draft: Path, settings: Settings) -> None:
    """A workbook is a zip archive: judge the sizes it states; readers stop at those."""
    try:
        with zipfile.ZipFile(draft) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
    except (zipfile.BadZipFile, OSError):
        raise UnsafeFileError("broken_workbook", "the file is no .xlsx workbook") from None
    if unpacked > settings.max_file_mb * MEBIBYTE:
        raise UnsafeFileError("too_large", f"unpacks to more than {settings.max_file_mb} MiB")
    if unpacked > settings.max_compression_ratio * draft.stat().st_size + RATIO_FREE_BYTES:
        raise UnsafeFileError(
            "bomb", f"unpacks to more than {settings.max_compression_ratio} times its size"
        )


def fsync_folder(folder: Path) -> None:
    """Make names in a folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
