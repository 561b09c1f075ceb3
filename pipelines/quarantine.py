"""Refused rows: listed, shown, discarded, or released to be checked again with today's feed.

A released row becomes a line of a new archived JSONL file of its feed; the next run reads that file
like any other. Commands that change something run under the run lock.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipelines.errors import ExitCode, RorError
from pipelines.files.copying import fsync_folder
from pipelines.files.feeds import PSEUDO_HEADERS, Feed, Format, Mode, load_feed
from pipelines.files.intake import archive_folder
from pipelines.files.opening import file_stem
from pipelines.raw import dataset, open_build
from pipelines.rows import canonical, quarantine_id
from pipelines.settings import Settings

LOAD_FAILED = "load_failed"
WHOLE_FILE = "file"  # stands for the entity where a file as a whole is meant
RELEASED = re.compile(r"quarantine-[0-9a-f]{16}-.*\.jsonl")
SHORTEST_PREFIX = 8
OPEN_ROWS = "action = 'rejected'"


def list_quarantine(settings: Settings) -> pa.Table:
    """Refused rows that wait for a decision, newest first; no payload, since it may hold personal
    data.
    """
    with open_build(settings) as con:
        return con.execute(
            "select quarantine_id, feed, entity, reason, field, file_name, line_number, seen_at"
            f" from {_committed()} where {OPEN_ROWS}"
            " order by seen_at desc, feed, file_name, line_number, quarantine_id"
        ).to_arrow_table()


def show(settings: Settings, identifier: str) -> dict[str, Any]:
    """One row with its payload. `identifier`: a quarantine id, or at least its first 8 characters.
    Exit 64.
    """
    with open_build(settings) as con:
        return _row(con, identifier)


def discard(settings: Settings, identifier: str) -> None:
    """Give a row up: its payload is removed, its id stays, so that reading the file again adds
    nothing. Exit 64.
    """
    with open_build(settings) as con:
        row = _row(con, identifier)
        _mark(con, [row["quarantine_id"]], "discarded", ", payload = null")


def release(
    settings: Settings, identifiers: Iterable[str] = (), reason: str | None = None
) -> list[Path]:
    """Have rows checked again by the next run: those named, or all of one reason. Returns the new
    archived files.

    Exit 64: unknown id. 65: the feed needs the row's place in its file (`$line`, `$file`): drop the
    file again.
    """
    with open_build(settings) as con:
        rows = [_row(con, identifier) for identifier in identifiers]
        if reason is not None:
            rows += _dicts(con, f"where {OPEN_ROWS} and reason = ?", [reason])
        rows = [row for row in rows if row["reason"] != LOAD_FAILED and row["payload"]]
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in sorted(rows, key=lambda row: (row["line_number"] or 0, row["quarantine_id"])):
            groups.setdefault((row["feed"], row["file_name"]), []).append(row)
        written = []
        for (feed, file_name), members in sorted(groups.items()):
            _check_placeless(load_feed(settings.feeds_folder / f"{feed}.yml"))
            written.append(_archive(settings, feed, file_name, members))
            _mark(con, [row["quarantine_id"] for row in members], "released")
    return written


def as_released(feed: Feed, file_name: str) -> Feed:
    """The feed as it reads a file of released rows; any other file is read as declared.

    Every row was decided on by a person, so no share of bad rows fails the file, and it supersedes
    nothing.
    """
    if not RELEASED.fullmatch(file_name):
        return feed
    return feed.model_copy(
        update={
            "format": Format.JSONL,
            "encoding": "utf-8",
            "headers": (),
            "header_row": 1,
            "delimiter": None,
            "mode": Mode.APPEND,
            "max_bad_share": 1.0,
        }
    )


def lost_rows(
    files: Iterable[tuple[str, str, str]], run_id: str, seen_at: datetime, source: str
) -> list[dict[str, Any]]:
    """Quarantine rows for files, as (feed, name, hash), whose rows the build file refused."""
    rows = []
    for feed, file_name, file_hash in files:
        payload = canonical(json.dumps({"feed": feed, "file": file_name, "sha256": file_hash}))
        rows.append(
            {
                "quarantine_id": quarantine_id(source, WHOLE_FILE, payload),
                "source": source,
                "feed": feed,
                "entity": WHOLE_FILE,
                "reason": LOAD_FAILED,
                "payload": payload,
                "file_name": file_name,
                "file_hash": file_hash,
                "action": "rejected",
                "run_id": run_id,
                "seen_at": seen_at,
            }
        )
    return rows


def _committed(source: str = "files") -> str:
    """Rows of committed loads, each once: a killed load may have left copies."""
    schema = dataset(source)
    return (
        f"(select * from {schema}.quarantine where _dlt_load_id in"
        f" (select load_id from {schema}._dlt_loads where status = 0)"
        " qualify row_number() over"
        " (partition by quarantine_id order by seen_at desc, _dlt_id) = 1)"
    )


def _dicts(con: duckdb.DuckDBPyConnection, where: str, values: list[str]) -> list[dict[str, Any]]:
    found = con.execute(
        f"select * exclude (_dlt_load_id, _dlt_id) from {_committed()} {where}", values
    )
    rows: list[dict[str, Any]] = found.to_arrow_table().to_pylist()
    return rows


def _row(con: duckdb.DuckDBPyConnection, identifier: str) -> dict[str, Any]:
    long_enough = len(identifier) >= SHORTEST_PREFIX
    found = _dicts(con, "where starts_with(quarantine_id, ?)", [identifier]) if long_enough else []
    if len(found) != 1:
        why = "more than one row begins so" if found else "no such row"
        raise RorError("quarantine", identifier, why, "ror quarantine list", ExitCode.USAGE)
    return found[0]


def _mark(
    con: duckdb.DuckDBPyConnection, identifiers: list[str], action: str, also: str = ""
) -> None:
    con.execute(
        f"update {dataset('files')}.quarantine set action = ?{also}"
        " where quarantine_id in (select unnest(?))",
        [action, identifiers],
    )


def _check_placeless(feed: Feed) -> None:
    for mapping in feed.entities:
        named = {header for column in mapping.columns.values() for header in column.source}
        texts = [column.expression or "" for column in mapping.columns.values()]
        if any(h in named or any(h in text for text in texts) for h in PSEUDO_HEADERS):
            raise RorError(
                "quarantine",
                feed.feed,
                "its rows need their place in the file",
                "correct the file and drop it again",
                ExitCode.DATA_REFUSED,
            )


def _archive(settings: Settings, feed: str, file_name: str, rows: list[dict[str, Any]]) -> Path:
    """Write the payloads as one archived file, durable before the rows count as released."""
    lines = dict.fromkeys(
        row["payload"] for row in rows
    )  # one record may be refused for two entities
    content = "".join(f"{line}\n" for line in lines).encode("utf-8")
    sha256 = hashlib.sha256(content).hexdigest()
    folder = archive_folder(settings, feed)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"quarantine-{sha256[:16]}-{file_stem(file_name)}.jsonl"
    draft = folder / f".incoming-{sha256[:16]}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path = draft.rename(folder / f"{sha256}__{name}")
    fsync_folder(folder)
    return path
