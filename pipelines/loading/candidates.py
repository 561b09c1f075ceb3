"""Which files are to be read tonight.

New ones of the inbox; archived ones whose load was never committed; an earlier content that was put
back under its name; and, of what still counts, files whose feed is declared otherwise since, and
files that first landed on a day that is asked for again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from pipelines import failpoints
from pipelines.context import RunContext
from pipelines.errors import RorError
from pipelines.files.feeds import Feed, Mode, load_feed
from pipelines.files.intake import ArchivedFile, in_archive, take_in
from pipelines.loading.raw import LandedFile, RawState
from pipelines.loading.results import FeedResult, FileResult, FileStatus
from pipelines.settings import Settings

BESIDE_FEEDS = ("archive", "rejected")  # folders of `drop/` that are no inbox


@dataclass(frozen=True)
class Candidate:
    """A file to be read. `first_landed_at`: set when it only is read again."""

    archived: ArchivedFile
    first_landed_at: datetime | None = None


@dataclass
class FeedWork:
    """One feed of tonight. `detail`: why the feed as a whole failed.

    `inbox`: files of the inbox by content, for clearing it; several names may share one content.
    """

    name: str
    feed: Feed | None = None
    candidates: list[Candidate] = field(default_factory=list)
    inbox: dict[str, list[ArchivedFile]] = field(default_factory=dict)
    results: list[FileResult] = field(default_factory=list)
    detail: str = ""

    def result(self) -> FeedResult:
        """What became of the feed."""
        is_required = self.feed is not None and self.feed.is_required
        return FeedResult(self.name, tuple(self.results), is_required, self.detail)


def collect(
    run: RunContext, state: RawState, again: frozenset[date] = frozenset()
) -> list[FeedWork]:
    """Archive what lies in the inboxes and say what is to be read; a feed in trouble stops no
    other.

    `again`: dates whose nights are asked for again: what they landed first is read again.
    """
    works = []
    folder = run.settings.feeds_folder
    for path in sorted(folder.glob("*.yml")) if folder.is_dir() else []:
        work = FeedWork(path.stem)
        works.append(work)
        try:
            work.feed = load_feed(path)
            _take_in(work, work.feed, run, state, again)
        except RorError as error:
            work.detail = error.line()
    return works + _undeclared({work.name for work in works}, run.settings)


def _take_in(
    work: FeedWork, feed: Feed, run: RunContext, state: RawState, again: frozenset[date]
) -> None:
    found = take_in(feed, run.settings, run.clock)
    failpoints.hit("files.archived")
    put_back: list[Candidate] = []
    for archived in found.archived:
        work.inbox.setdefault(archived.sha256, []).append(archived)
        landed = state.committed.get((feed.feed, archived.sha256))
        if landed is None:
            continue  # the archive has it, below
        if _is_put_back(archived, feed, state):
            os.utime(archived.path)  # its place in time, should the build file ever be lost
            put_back.append(Candidate(archived))
        else:
            work.results.append(FileResult(archived.name, FileStatus.UNCHANGED))
    for refusal in found.refused:
        work.results.append(
            FileResult(
                refusal.name, FileStatus.REFUSED, reason=refusal.reason, detail=refusal.detail
            )
        )
    work.results += [FileResult(name, FileStatus.WAITING) for name in found.waiting]
    work.candidates = _from_archive(feed, run, state, again) + put_back


def _from_archive(
    feed: Feed, run: RunContext, state: RawState, again: frozenset[date]
) -> list[Candidate]:
    """What never landed, after what is to be read again in the order of its first reading."""
    known: list[tuple[int, Candidate]] = []
    fresh: list[Candidate] = []
    for archived in in_archive(feed.feed, run.settings):
        landed = state.committed.get((feed.feed, archived.sha256))
        if landed is None:
            fresh.append(Candidate(archived))
        elif _is_to_read_again(archived, landed, feed, run, state, again):
            known.append((landed.sequence, Candidate(archived, landed.loaded_at)))
    return [candidate for _, candidate in sorted(known, key=lambda item: item[0])] + fresh


def night_of(loaded_at: datetime, time_zone: str) -> date:
    """The date on which the night reported that landed something at `loaded_at`."""
    return loaded_at.astimezone(ZoneInfo(time_zone)).date() - timedelta(days=1)


def _is_put_back(archived: ArchivedFile, feed: Feed, state: RawState) -> bool:
    """A content that landed before, dropped again in the place of another one."""
    newest = state.newest.get((feed.feed, archived.name))
    return feed.mode is Mode.SNAPSHOT and newest is not None and newest.file_hash != archived.sha256


def _is_to_read_again(
    archived: ArchivedFile,
    landed: LandedFile,
    feed: Feed,
    run: RunContext,
    state: RawState,
    again: frozenset[date],
) -> bool:
    newest = state.newest.get((feed.feed, archived.name))
    is_replaced = newest is None or newest.file_hash != archived.sha256
    if feed.mode is Mode.SNAPSHOT and is_replaced:
        return False
    if night_of(landed.loaded_at, run.settings.time_zone) in again:
        return True
    return landed.feed_hash is not None and landed.feed_hash != feed.reading_hash


def _undeclared(declared: set[str], settings: Settings) -> list[FeedWork]:
    """Folders with files but without a feed: somebody waits for rows that would never come."""
    if not settings.drop.is_dir():
        return []
    return [
        FeedWork(folder.name, detail=f"no feed is declared: add {folder.name}.yml to the feeds")
        for folder in sorted(settings.drop.iterdir())
        if folder.name not in declared
        and folder.name not in BESIDE_FEEDS
        and folder.is_dir()
        and any(not file.name.startswith(".") for file in folder.iterdir())
    ]
