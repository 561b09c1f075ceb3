"""Files of rows that were released from quarantine: how they are called and how they are read."""

from __future__ import annotations

import re

from pipelines.files.feeds import Feed, Format, Mode
from pipelines.files.opening import file_stem

RELEASED = re.compile(r"quarantine-[0-9a-f]{16}-.*\.jsonl")


def released_name(sha256: str, file_name: str) -> str:
    """Name of a file of rows released from `file_name`; it keeps the period that name may state."""
    return f"quarantine-{sha256[:16]}-{file_stem(file_name)}.jsonl"


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
