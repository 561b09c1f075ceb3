"""Loads the file drop into its raw tables: drain, take in, judge, land, then clear the inbox.

inbox ─intake─▶ archive ─spool─▶ whole files, judged ─land─▶ raw_files ─committed─▶ inbox cleared

A kill at any point is repaired by running again: what is committed is known by its content, what is
not is read again from the archive.
"""

from __future__ import annotations

import shutil
from datetime import date
from typing import Any

import pyarrow as pa

from pipelines import failpoints
from pipelines.context import RunContext
from pipelines.errors import RorError
from pipelines.files.feeds import Mode
from pipelines.files.intake import ArchivedFile, finish, reject
from pipelines.loading.candidates import FeedWork, collect
from pipelines.loading.drain import Drained, is_disk_error
from pipelines.loading.landing import Lander, begin, rows_by_entity
from pipelines.loading.raw import (
    RawState,
    dataset,
    raw_counts,
    read_state,
)  # fmt: skip
from pipelines.loading.released import as_released
from pipelines.loading.results import FileResult, FileStatus, SourceResult, Status, alert
from pipelines.loading.rows import lost_rows
from pipelines.loading.spool import SpooledFile, spool_file, stamp_of
from pipelines.privacy import Pseudonymiser, Vault, load_key

SOURCE = "files"
SHRUNK_SHARE = (
    0.5  # a corrected snapshot with less than this share of the earlier rows is a mistake
)


def load_files(
    run: RunContext,
    accept_shrink: frozenset[str] = frozenset(),
    again: frozenset[date] = frozenset(),
    *,
    is_recovery: bool = False,
) -> SourceResult:
    """Load everything new in the drop folder; see `SourceResult`.

    `accept_shrink`: feeds (`orders`) or files (`orders/2026.csv`) that may lose more than half of
    their rows.
    `again`: dates; what the nights that reported them landed is read again from the archive.
    `is_recovery`: raw tables may hold fewer rows than recorded; missing files are read again from
    the archive.
    Exit 65: rows below ledger. 73: disk. 75: interrupted, run again. 78: the pseudonym key is
    wrong.
    """
    pipeline, drained = begin(run, SOURCE, is_recovery=is_recovery)
    state = read_state(run.settings)
    with run.ledger.phase(run.run_id, "extract", SOURCE) as phase:
        works = collect(run, state, again)
        files = _spool_all(works, state, accept_shrink, run)
        phase.rows_in = sum(file.rows_read for file in files)
        phase.rows_out = sum(file.rows.total() for file in files)
    with run.ledger.phase(run.run_id, "load", SOURCE) as phase:
        phase.rows_in = sum(file.rows.total() for file in files)
        lander = Lander(pipeline, run)
        _land(lander, files, drained, state, run)
        _clear(works, files, run)
        run.ledger.record_counts(run.run_id, dataset(SOURCE), raw_counts(run.settings, SOURCE))
        landed = [file for file in files if file.refusal is None]
        phase.rows_out = sum(file.rows.total() for file in landed)
        result = SourceResult(
            SOURCE,
            tuple(work.result() for work in works),
            rows_by_entity(landed),
            (*drained.load_ids, *lander.load_ids),
        )
        if result.status in (Status.PARTIAL, Status.FAILED):
            phase.result, phase.note = "degraded", next(iter(result.problems()), None)
    shutil.rmtree(run.settings.dlt_folder / "spool", ignore_errors=True)
    pa.default_memory_pool().release_unused()  # the build that follows needs it more
    alert(result, run)
    return result


def _spool_all(
    works: list[FeedWork], state: RawState, accept_shrink: frozenset[str], run: RunContext
) -> list[SpooledFile]:
    """Read every candidate to its end, one after the other, with sequence numbers in that order."""
    spool = run.settings.dlt_folder / "spool"
    shutil.rmtree(spool, ignore_errors=True)  # leftovers of a killed run
    todo = [(work.feed, file) for work in works if work.feed for file in work.candidates]
    if not todo:
        return []
    files: list[SpooledFile] = []
    next_sequence, pages = state.next_sequence, 0
    beat = run.beating("extract")

    def on_batch() -> None:
        nonlocal pages
        pages += 1
        beat(pages)

    key = load_key(run.settings)
    with Vault(run.settings.vault_file, key) as vault:
        pseudonymiser = Pseudonymiser(key, vault, run.started_at)
        for number, (feed, candidate) in enumerate(todo):
            archived = candidate.archived
            file = SpooledFile(
                archived,
                as_released(feed, archived.name),
                stamp_of(candidate, run.run_id, run.started_at, SOURCE),
                spool / str(number),
                next_sequence,
                feed.reading_hash,
            )
            try:
                spool_file(file, run.settings, pseudonymiser, run.clock.now(), on_batch)
            except Exception as error:
                if isinstance(error, RorError) or is_disk_error(error):
                    raise
                file.refuse("unreadable", f"unexpected {type(error).__name__} while it was read")
            _guard_shrink(file, state, accept_shrink)
            next_sequence = file.next_sequence
            files.append(file)
        pseudonymiser.flush()
    return files


def _guard_shrink(file: SpooledFile, state: RawState, accept_shrink: frozenset[str]) -> None:
    """Refuse a corrected snapshot that lost more than half of its rows, unless somebody accepted
    it.
    """
    feed, name = file.feed.feed, file.archived.name
    earlier = state.newest.get((feed, name))
    if file.refusal or earlier is None or file.feed.mode is not Mode.SNAPSHOT:
        return
    if accept_shrink & {feed, f"{feed}/{name}"}:
        return
    if file.rows_read < SHRUNK_SHARE * earlier.rows_read:
        file.refuse(
            "shrunk",
            f"{file.rows_read} rows, {earlier.rows_read} before; put it back and run with"
            f" --accept-shrink {feed}/{name}",
        )


def _land(
    lander: Lander, files: list[SpooledFile], drained: Drained, state: RawState, run: RunContext
) -> None:
    """Land the good files and the new quarantine rows; a file that dlt's destination refuses is
    refused here.
    """
    quarantine = lost_rows(drained.lost, run.run_id, run.started_at, SOURCE)
    quarantine += [row for file in files for row in file.quarantine]
    good = [file for file in files if file.refusal is None]
    fresh = _fresh(quarantine, state)
    if not good and not fresh:
        return
    refused = lander.land(good, fresh)
    for file in refused:
        file.refuse("load_failed", "the build file refused its rows")
    if refused:
        names = tuple((f.feed.feed, f.archived.name, f.archived.sha256) for f in refused)
        lander.land([], _fresh(lost_rows(names, run.run_id, run.started_at, SOURCE), state))


def _fresh(rows: list[dict[str, Any]], state: RawState) -> list[dict[str, Any]]:
    """Rows that are news, each once: not given up by a person, and not in quarantine already.

    Those of an earlier reading of the file no longer count, so its rows come again.
    """
    unique = {row["quarantine_id"]: row for row in reversed(rows)}
    return [
        row
        for key, row in reversed(unique.items())
        if key not in state.discarded_ids
        and (key not in state.quarantine_ids or (row["feed"], row["file_name"]) in state.newest)
    ]


def _clear(works: list[FeedWork], files: list[SpooledFile], run: RunContext) -> None:
    """Now that everything is committed: empty the inbox, move refused files away, write the results
    down.
    """
    judged = {(file.feed.feed, file.archived.sha256): file for file in files}
    for work in works:
        inbox = {digest: list(names) for digest, names in work.inbox.items()}
        for archived in (candidate.archived for candidate in work.candidates):
            file = judged.get((work.name, archived.sha256))
            if file is None:
                continue
            if file.refusal:
                _reject(file, inbox.pop(archived.sha256, []), run)
            work.results.append(_file_result(file))
        for archived in [item for names in inbox.values() for item in names]:
            finish(archived, run.settings)
            failpoints.hit("files.archived_after_load")


def _reject(file: SpooledFile, inbox: list[ArchivedFile], run: RunContext) -> None:
    for archived in inbox or [file.archived]:
        reject(archived, file.report(), run.settings)


def _file_result(file: SpooledFile) -> FileResult:
    reason, detail = file.refusal or ("", "")
    return FileResult(
        name=file.archived.name,
        status=FileStatus.REJECTED if file.refusal else FileStatus.LOADED,
        rows_read=file.rows_read,
        rows_loaded=0 if file.refusal else file.rows_read - file.rows_rejected,
        rows_rejected=file.rows_rejected,
        reason=reason,
        detail=detail,
        reasons=dict(file.reasons),
    )
