"""`manifest.json` beside every published file: what it holds and the hash that proves it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb

from pipelines.publish.copy import TableCopy
from pipelines.publish.disk import DATABASE_NAME, sha256_of, sync

MANIFEST_NAME = "manifest.json"
FORMAT = 1
FILE_MODE = 0o444  # a published file never changes
FOLDER_MODE = 0o755


@dataclass(frozen=True)
class Manifest:
    """Facts of one version; times are ISO 8601, UTC; `tables`: rows and hash per `schema.name`."""

    run_id: str
    as_of: str
    built_at: str
    schema_version: str
    git_sha: str | None
    sha256: str
    byte_count: int
    tables: dict[str, dict[str, int | str]]
    versions: dict[str, str]
    format: int = FORMAT


def schema_version(columns: Sequence[tuple[str, str, str]]) -> str:
    """12 hex digits that change when a public table, column or type does.

    `columns`: (table, column, type).
    """
    text = "\n".join("\t".join(column) for column in sorted(columns))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def seal(
    folder: Path,
    *,
    run_id: str,
    as_of: str,
    built_at: str,
    version: str,
    git_sha: str | None,
    copies: Sequence[TableCopy],
) -> Manifest:
    """Freeze a version: modes, hash, manifest, and all of it on disk for good."""
    file = folder / DATABASE_NAME
    file.chmod(FILE_MODE)
    sync(file)
    manifest = Manifest(
        run_id=run_id,
        as_of=as_of,
        built_at=built_at,
        schema_version=version,
        git_sha=git_sha,
        sha256=sha256_of(file),
        byte_count=file.stat().st_size,
        tables={c.label: {"rows": c.row_count, "content_hash": c.content_hash} for c in copies},
        versions={"duckdb": duckdb.__version__, "python": sys.version.split()[0]},
    )
    path = folder / MANIFEST_NAME
    path.write_text(json.dumps(asdict(manifest), indent=2) + "\n", encoding="utf-8")
    path.chmod(FILE_MODE)
    sync(path)
    folder.chmod(FOLDER_MODE)
    sync(folder)
    return manifest


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of a version, or None when it is absent, damaged, or of another run."""
    try:
        facts = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))
        manifest = Manifest(**facts)
    except (OSError, ValueError, TypeError):
        return None
    return manifest if manifest.run_id == folder.name else None
