"""What loading a source came to, for the ledger, the summary and the orchestrator."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pipelines.context import RunContext


class Status(StrEnum):
    """Verdict on a source or a feed.

    ok: something landed and nothing was refused. partial: some of it was refused or is missing.
    failed: nothing could be used. nothing: there was nothing new.
    """

    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    NOTHING = "nothing"


class FileStatus(StrEnum):
    """What became of one file of the inbox."""

    LOADED = "loaded"
    UNCHANGED = "unchanged"  # known content: nothing to do
    REJECTED = "rejected"  # read and judged unfit; it lies in drop/rejected
    REFUSED = "refused"  # not even opened; it lies where it was
    WAITING = "waiting"  # still changing; next night


@dataclass(frozen=True)
class FileResult:
    """One file. `reason` in one word, `detail` in a sentence; `reasons` counts refused rows by
    reason.
    """

    name: str
    status: FileStatus
    rows_read: int = 0
    rows_loaded: int = 0
    rows_rejected: int = 0
    reason: str = ""
    detail: str = ""
    reasons: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class FeedResult:
    """One feed; `detail` says why it failed where no single file did."""

    feed: str
    files: tuple[FileResult, ...] = ()
    is_required: bool = False
    detail: str = ""

    @property
    def status(self) -> Status:
        """Verdict over the feed's files."""
        found = {file.status for file in self.files}
        bad = bool(found & {FileStatus.REJECTED, FileStatus.REFUSED})
        if self.detail or (bad and FileStatus.LOADED not in found):
            return Status.FAILED
        if bad or any(file.rows_rejected for file in self.files):
            return Status.PARTIAL
        return Status.OK if FileStatus.LOADED in found else Status.NOTHING


@dataclass(frozen=True)
class SourceResult:
    """One source: verdict, feeds, rows landed per entity, and the load ids of this run."""

    source: str
    feeds: tuple[FeedResult, ...] = ()
    rows: Mapping[str, int] = field(default_factory=dict)
    load_ids: tuple[str, ...] = ()

    @property
    def status(self) -> Status:
        """Failed when a required feed failed, or all feeds that had anything to say; else the
        mildest truth.
        """
        found = [feed.status for feed in self.feeds]
        if any(f.is_required and f.status is Status.FAILED for f in self.feeds):
            return Status.FAILED
        active = [status for status in found if status is not Status.NOTHING]
        if not active:
            return Status.OK if self.load_ids else Status.NOTHING
        if all(status is Status.FAILED for status in active):
            return Status.FAILED
        return Status.OK if all(status is Status.OK for status in active) else Status.PARTIAL

    def problems(self) -> list[str]:
        """One line per feed or file that needs a person."""
        lines = [f"{feed.feed}: {feed.detail}" for feed in self.feeds if feed.detail]
        for feed in self.feeds:
            for file in feed.files:
                if file.detail:
                    lines.append(f"{feed.feed}/{file.name}: {file.status}: {file.detail}")
                elif file.rows_rejected:
                    lines.append(
                        f"{feed.feed}/{file.name}: {file.rows_rejected} rows in quarantine"
                    )
        return lines


def alert(result: SourceResult, run: RunContext) -> None:
    """Say what needs a person; sinks and repetition are the ledger's business."""
    for feed in result.feeds:
        subject = f"{result.source}/{feed.feed}"
        refused = sum(file.rows_rejected for file in feed.files)
        text = next((f"{f.name}: {f.detail}" for f in feed.files if f.detail), feed.detail)
        if feed.status is Status.FAILED or feed.detail:
            run.ledger.alert(run.run_id, "source_failed", subject, "warning", text)
        elif text:
            run.ledger.alert(run.run_id, "file_refused", subject, "warning", text)
        if refused:
            counted = f"{refused} rows refused; see: ror quarantine list"
            run.ledger.alert(run.run_id, "quarantine", subject, "info", counted)
