"""Which files are to be read tonight: new ones of the inbox, and archived ones whose load was never
committed.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pipelines import failpoints
from pipelines.context import RunContext
from pipelines.errors import RorError
from pipelines.files.feeds import Feed, load_feed
from pipelines.files.intake import ArchivedFile, in_archive, take_in
from pipelines.loading.raw import RawState
from pipelines.loading.results import FeedResult, FileResult, FileStatus
from pipelines.settings import Settings

BESIDE_FEEDS = ("archive", "rejected")  # folders of `drop/` that are no inbox


@dataclass
class FeedWork:
    """One feed of tonight. `detail`: why the feed as a whole failed.

    `inbox`: files of the inbox by content, for clearing it; several names may share one content.
    """

    name: str
    feed: Feed | None = None
    candidates: list[ArchivedFile] = field(default_factory=list)
    inbox: dict[str, list[ArchivedFile]] = field(default_factory=dict)
    results: list[FileResult] = field(default_factory=list)
    detail: str = ""

    def result(self) -> FeedResult:
        """What became of the feed."""
        is_required = self.feed is not None and self.feed.is_required
        return FeedResult(self.name, tuple(self.results), is_required, self.detail)


def collect(run: RunContext, state: RawState) -> list[FeedWork]:
    """Archive what lies in the inboxes and say what is to be read; a feed in trouble stops no
    other.
    """
    works = []
    folder = run.settings.feeds_folder
    for path in sorted(folder.glob("*.yml")) if folder.is_dir() else []:
        work = FeedWork(path.stem)
        works.append(work)
        try:
            work.feed = load_feed(path)
            _take_in(work, work.feed, run, state)
        except RorError as error:
            work.detail = error.line()
    return works + _undeclared({work.name for work in works}, run.settings)


def _take_in(work: FeedWork, feed: Feed, run: RunContext, state: RawState) -> None:
    found = take_in(feed, run.settings, run.clock)
    failpoints.hit("files.archived")
    for archived in found.archived:
        work.inbox.setdefault(archived.sha256, []).append(archived)
        if (feed.feed, archived.sha256) in state.committed:
            work.results.append(FileResult(archived.name, FileStatus.UNCHANGED))
    for refusal in found.refused:
        work.results.append(
            FileResult(
                refusal.name, FileStatus.REFUSED, reason=refusal.reason, detail=refusal.detail
            )
        )
    work.results += [FileResult(name, FileStatus.WAITING) for name in found.waiting]
    work.candidates = [
        archived
        for archived in in_archive(feed.feed, run.settings)
        if (feed.feed, archived.sha256) not in state.committed
    ]


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
