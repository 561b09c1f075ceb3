"""Refused rows: listed, shown, discarded, or released to be checked again with today's feed.

A released row becomes a line of a new archived JSONL file of its feed; the next run reads that file
like any other. Commands that change something run under the run lock.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from pipelines.errors import ExitCode, RorError
from pipelines.files.copying import fsync_folder
from pipelines.files.feeds import PSEUDO_HEADERS, Feed, load_feed
from pipelines.files.intake import archive_folder
from pipelines.loading.raw import dataset, open_build
from pipelines.loading.released import released_name
from pipelines.loading.rows import LOAD_FAILED
from pipelines.settings import Settings

SHORTEST_PREFIX = 8
OPEN_ROWS = "action = 'rejected'"


@dataclass(frozen=True)
class QuarantineGroup:
    """Refused rows with one cause; the `first_*` fields point at one of them."""

    feed: str
    entity: str
    field: str | None
    reason: str
    rows: int
    first_file: str
    first_line: int | None
    first_id: str


def list_quarantine(settings: Settings) -> list[QuarantineGroup]:
    """Rows that wait for a decision, by cause; no payload, since it may hold personal data."""
    if not settings.build_file.exists():
        return []
    with open_build(settings) as con:
        groups = con.execute(
            "select feed, entity, field, reason, count(*), first(file_name order by all_of),"
            " first(line_number order by all_of), first(quarantine_id order by all_of)"
            " from (select *, (seen_at, file_name, line_number, quarantine_id) as all_of"
            f" from {_committed()}) where {OPEN_ROWS} group by all order by 1, 2, 3, 4"
        ).fetchall()
    return [QuarantineGroup(*group) for group in groups]


def show(settings: Settings, identifier: str) -> str:
    """One row with its payload, as JSON text. `identifier`: an id or 8 and more of its characters.

    Exit 64: no such row.
    """
    with _loaded(settings) as con:
        return json.dumps(_row(con, identifier), indent=2, ensure_ascii=False, default=str)


def discard(settings: Settings, identifier: str) -> None:
    """Give a row up: its payload is removed, its id stays, so that reading the file again adds
    nothing. Exit 64.
    """
    with _loaded(settings) as con:
        row = _row(con, identifier)
        _mark(con, [row["quarantine_id"]], "discarded", ", payload = null")


def release(
    settings: Settings,
    feed: str | None = None,
    reason: str | None = None,
    identifiers: Iterable[str] = (),
) -> list[Path]:
    """Have rows checked again by the next run; returns the new archived files.

    Those named by `identifiers`, else all that wait, of one feed or for one reason where given.
    Exit 64: unknown id. 65: the feed needs the row's place in its file (`$line`, `$file`).
    """
    with _loaded(settings) as con:
        rows = [_row(con, identifier) for identifier in identifiers]
        if not rows:
            wanted = "and coalesce(feed = ?, true) and coalesce(reason = ?, true)"
            rows = _dicts(con, f"where {OPEN_ROWS} {wanted}", [feed, reason])
        rows = [row for row in rows if row["reason"] != LOAD_FAILED and row["payload"]]
        groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for row in sorted(rows, key=lambda row: (row["line_number"] or 0, row["quarantine_id"])):
            groups.setdefault((row["feed"], row["file_name"]), []).append(row)
        written = []
        for (feed_name, file_name), members in sorted(groups.items()):
            _check_placeless(load_feed(settings.feeds_folder / f"{feed_name}.yml"))
            written.append(_archive(settings, feed_name, file_name, members))
            _mark(con, [row["quarantine_id"] for row in members], "released")
    return written


@contextmanager
def _loaded(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """The build file; exit 64 before the first run."""
    if not settings.build_file.exists():
        where = str(settings.root)
        raise RorError("quarantine", where, "nothing was loaded yet", "ror run", ExitCode.USAGE)
    with open_build(settings) as con:
        yield con


def _committed(source: str = "files") -> str:
    """Rows of committed loads, each once: a killed load may have left copies.

    Rows of a file that was read again or replaced since do not count; what is still wrong with it
    came again.
    """
    schema = dataset(source)
    return (
        f"(with committed as (select load_id from {schema}._dlt_loads where status = 0),"
        f" landed as (select * from {schema}.file_ledger where _dlt_load_id in (from committed))"
        f" select * from {schema}.quarantine as refused where _dlt_load_id in (from committed)"
        " and not exists (select 1 from landed where landed.feed = refused.feed"
        " and landed.file_name = refused.file_name and landed._dlt_load_id > refused._dlt_load_id"
        " and (landed.mode = 'snapshot' or landed.file_hash = refused.file_hash))"
        " qualify row_number() over"
        " (partition by quarantine_id order by seen_at desc, _dlt_id) = 1)"
    )


def _dicts(
    con: duckdb.DuckDBPyConnection, where: str, values: list[str | None]
) -> list[dict[str, Any]]:
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
    name = released_name(sha256, file_name)
    draft = folder / f".incoming-{sha256[:16]}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    path = draft.rename(folder / f"{sha256}__{name}")
    fsync_folder(folder)
    return path
