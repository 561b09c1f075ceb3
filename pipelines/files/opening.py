"""Bytes of a dropped file, decompressed, within the limits of the settings.

`.gz` is the only archive. A bomb is stopped while it inflates, so memory never follows the
decompressed size.
"""

from __future__ import annotations

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePath
from typing import IO

from pipelines.files.refused import FileRefused
from pipelines.settings import MEBIBYTE, Settings

CHUNK_BYTES = 4 * MEBIBYTE
RATIO_FREE_BYTES = (
    16 * MEBIBYTE
)  # below this size a high ratio is ordinary: repetitive small exports

# First bytes of formats that are no text, so that a text reader names the mistake instead of its
# symptoms.
BINARY_SIGNATURES = {
    b"PK\x03\x04": "a ZIP archive or an Excel workbook",
    b"\x1f\x8b": "gzip data",
    b"7z\xbc\xaf": "a 7-Zip archive",
    b"Rar!": "a RAR archive",
    b"%PDF": "a PDF",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook",
    b"PAR1": "Parquet",
}


def is_compressed(name: str) -> bool:
    """Whether the file's name says gzip."""
    return name.lower().endswith(".gz")


def file_stem(name: str) -> str:
    """The file's name without `.gz` and without the suffix before it; what `$file` means."""
    return PurePath(name[:-3] if is_compressed(name) else name).stem


def read_chunks(path: Path, name: str, settings: Settings) -> Iterator[bytes]:
    """Decompressed bytes in pieces of at most 4 MiB.

    Raises FileRefused: too_large, compression_ratio, damaged_archive.
    """
    limit = settings.max_file_mb * MEBIBYTE
    stored = path.stat().st_size
    allowed = max(stored * settings.max_compression_ratio, RATIO_FREE_BYTES)
    total = 0
    try:
        with gzip.open(path) if is_compressed(name) else path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                total += len(chunk)
                if total > limit:
                    raise FileRefused("too_large", f"more than {settings.max_file_mb} MiB")
                if total > allowed:
                    raise FileRefused(
                        "compression_ratio", f"more than {settings.max_compression_ratio}:1"
                    )
                yield chunk
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise FileRefused("damaged_archive", "the gzip data is cut off or damaged") from error


def read_text_chunks(path: Path, name: str, settings: Settings) -> Iterator[bytes]:
    """As `read_chunks`, for text formats: raises FileRefused `not_text` when the first bytes say
    otherwise.
    """
    for index, chunk in enumerate(read_chunks(path, name, settings)):
        if index == 0:
            for signature, kind in BINARY_SIGNATURES.items():
                if chunk.startswith(signature):
                    raise FileRefused("not_text", f"the content is {kind}")
        yield chunk


def open_seekable(path: Path, name: str, settings: Settings) -> IO[bytes]:
    """The file for readers that jump about; compressed ones are unpacked beside the private copy,
    without a name.
    """
    if not is_compressed(name):
        if path.stat().st_size > settings.max_file_mb * MEBIBYTE:
            raise FileRefused("too_large", f"more than {settings.max_file_mb} MiB")
        return path.open("rb")
    unpacked = tempfile.TemporaryFile(dir=path.parent)  # noqa: SIM115 - handed to the caller
    try:
        for chunk in read_chunks(path, name, settings):
            unpacked.write(chunk)
    except BaseException:
        unpacked.close()
        raise
    unpacked.seek(0)
    return unpacked
