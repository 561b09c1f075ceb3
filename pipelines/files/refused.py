"""The whole-file verdict: nothing of this file may load."""

from __future__ import annotations

from pipelines.errors import ExitCode, RorError


class FileRefused(RorError):  # noqa: N818 - a verdict, said as such
    """A file that does not fit its feed. May be raised after batches were yielded: then those must
    not load either.

    `reason`: one word for ledgers and reports. `detail`: names headers, lines and sizes, never a
    value of a row.
    """

    def __init__(self, reason: str, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(
            "file", reason, detail, "correct the file or its feed", ExitCode.DATA_REFUSED
        )
