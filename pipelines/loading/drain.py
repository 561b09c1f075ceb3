"""Finishes what an earlier, killed run left in dlt's working directory, before anything new is
extracted.

`pipeline.run(data)` with a package pending loads only that package and reports success without
tonight's data.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from pathlib import Path

import dlt
import pyarrow.parquet as pq
from dlt.common.exceptions import TerminalException
from dlt.pipeline.exceptions import PipelineStepFailed

from pipelines import failpoints
from pipelines.context import RunContext
from pipelines.errors import ExitCode, RorError

# errno values that say: this disk, not this program
DISK_ERRORS = {errno.ENOSPC: "disk full", errno.EDQUOT: "quota reached", errno.EROFS: "read-only"}


@dataclass(frozen=True)
class Drained:
    """Load ids that were finished, and files whose package can never load: (feed, file name, file
    hash).
    """

    load_ids: tuple[str, ...] = ()
    lost: tuple[tuple[str, str, str], ...] = ()


def drain_phase(pipeline: dlt.Pipeline, run: RunContext) -> Drained:
    """`drain` as a phase of the run, with every load it finishes recorded."""
    source = pipeline.pipeline_name
    with run.ledger.phase(run.run_id, "drain", source) as phase:
        failpoints.hit("drain.before")
        drained = drain(pipeline)
        for load_id in drained.load_ids:
            run.ledger.record_load(run.run_id, source, load_id, "resumed", None)
        phase.rows_out = len(drained.load_ids)
    return drained


def drain(pipeline: dlt.Pipeline) -> Drained:
    """Load or give up every pending package. Exit 75 when a package neither loads nor fails for
    good.
    """
    finished: list[str] = []
    lost: list[tuple[str, str, str]] = []
    while pipeline.has_pending_data:  # loop: one run may leave another package behind
        before = pending(pipeline)
        try:
            finished += load_pending(pipeline)
        except PipelineStepFailed as error:
            if not is_terminal(error):
                raise resumable(error, pipeline.pipeline_name) from error
            lost += files_of_packages(pipeline)
            pipeline.abort_packages()
        if pending(pipeline) == before:
            raise RorError(
                "drain",
                pipeline.pipeline_name,
                "a pending package neither loads nor fails",
                "ror run",
                ExitCode.TRY_AGAIN,
            )
    return Drained(tuple(finished), tuple(lost))


def pending(pipeline: dlt.Pipeline) -> list[str]:
    """Load ids of extracted and normalised packages."""
    return [
        *pipeline.list_extracted_load_packages(),
        *pipeline.list_normalized_load_packages(),
    ]


def load_pending(pipeline: dlt.Pipeline) -> list[str]:
    """Normalise and load what is extracted; returns the load ids that are committed."""
    pipeline.normalize()
    info = pipeline.load()
    return [package.load_id for package in info.load_packages if package.state == "loaded"]


def is_terminal(error: BaseException) -> bool:
    """Whether repeating the step cannot help: the destination refused the data itself."""
    return any(isinstance(cause, TerminalException) for cause in _causes(error))


def is_disk_error(error: BaseException) -> bool:
    """Whether the disk is to blame: full, over quota or read-only."""
    return any(
        (isinstance(cause, OSError) and cause.errno in DISK_ERRORS) or "No space left" in str(cause)
        for cause in _causes(error)
    )


def resumable(error: BaseException, where: str) -> RorError:
    """The error for a step that the next run can finish: exit 73 for the disk, else 75."""
    for cause in _causes(error):
        number = cause.errno if isinstance(cause, OSError) else None
        why = DISK_ERRORS.get(number or 0) or ("disk full" if "No space left" in str(cause) else "")
        if why:
            return RorError("load", where, why, "free space, then ror run", ExitCode.CANNOT_WRITE)
    kind = type(_causes(error)[-1]).__name__
    return RorError("load", where, f"interrupted ({kind})", "ror run", ExitCode.TRY_AGAIN)


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in found:
        found.append(current)
        inner = getattr(current, "exception", None) or getattr(current, "client_exception", None)
        current = inner if isinstance(inner, BaseException) else current.__cause__
    return found


def files_of_packages(pipeline: dlt.Pipeline) -> list[tuple[str, str, str]]:
    """Files whose rows are in pending packages, from the ledger rows that travel with them."""
    found: dict[tuple[str, str, str], None] = {}
    for path in sorted(Path(pipeline.working_dir).rglob("file_ledger.*.parquet")):
        if "loaded" in path.relative_to(pipeline.working_dir).parts:
            continue
        for row in pq.read_table(path, columns=["feed", "file_name", "file_hash"]).to_pylist():
            found[(row["feed"], row["file_name"], row["file_hash"])] = None
    return list(found)
