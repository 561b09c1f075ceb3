"""Millions of interactions as Parquet files in a drop folder, and a night's increment; vectorised.

Sizes scale with the number of interactions; at five million: 200,000 people with a contact each,
20 accounts of one
brand, 95 % messages (60 % of them replies within threads), reactions and posts the rest,
300,000 orders; 18 months.
Unlike the demo its bytes may differ between versions of numpy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from benchmarks import interaction_parts as parts
from benchmarks.interaction_parts import Columns, Size

AS_OF = "2026-07-02T00:00:00+00:00"
START = datetime(2025, 1, 1, tzinfo=UTC)
LAST_NIGHT = datetime(2026, 7, 1, tzinfo=UTC)  # the increment's day begins here, the base ends
CHUNK_ROWS = 200_000  # one row group; bounds the memory
ROW_GROUPS_PER_FILE = 5
ID_BASE, REPLY_SHARE = 1_900_000_000_000_000_000, 0.6
POSTS_IN_SIGHT = 40  # per network
GAP_MEDIAN_SECONDS, GAP_SIGMA = 2_400, 1.3
LATE_SHARE, CORRECTED_SHARE, CONTINUED_SHARE = 0.05, 0.05, 0.25  # of an increment's messages

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Window:
    """Messages `first`..`first + count`, in threads that begin within [begin, end)."""

    first: int
    count: int
    begin: datetime
    end: datetime


def write_base(home: Path, interactions: int) -> None:
    """Feeds, seeds and all base files for that many interactions."""
    size = Size(interactions)
    parts.write_feeds_and_seeds(home)
    parts.write_people(home / "drop", size, START, LAST_NIGHT)
    windows = list(_windows(size))
    for file_number in range(0, len(windows), ROW_GROUPS_PER_FILE):
        group = windows[file_number : file_number + ROW_GROUPS_PER_FILE]
        name = f"messages_{file_number // ROW_GROUPS_PER_FILE + 1:03d}.parquet"
        _write_chunks(home / "drop" / "messages" / name, (messages(size, w) for w in group))
    parts.write_reactions_and_posts(home / "drop", size, START, LAST_NIGHT)


def write_increment(home: Path, interactions: int, new: int) -> None:
    """One file of `new` messages: new threads, replies to known ones, late ones, corrections."""
    size = Size(interactions)
    newest = messages(size, list(_windows(size))[-1])
    rng = np.random.default_rng([size.interactions, 1])
    corrected, continued = int(new * CORRECTED_SHARE), int(new * CONTINUED_SHARE)
    fresh = Window(size.messages, new - corrected - continued, LAST_NIGHT, _as_of())
    table = messages(size, fresh)
    thread = table["thread_id"].combine_chunks().dictionary_encode().indices
    is_late = pa.array(rng.random(table.num_rows) < LATE_SHARE).take(thread)
    late = pc.subtract(table["sent_at"], pa.scalar(timedelta(days=30)))
    table = _replaced(table, {"sent_at": pc.if_else(is_late, late, table["sent_at"])})
    chosen = rng.choice(
        newest.num_rows, corrected + continued, replace=corrected + continued > newest.num_rows
    )
    corrections = newest.take(pa.array(chosen[:corrected]))
    corrections = _replaced(
        corrections,
        {
            "text": pc.binary_join_element_wise(corrections["text"], "(edit)", " "),
            "updated_at": parts.times(rng, corrected, LAST_NIGHT, _as_of()),
        },
    )
    replies = _continuing(rng, newest.take(pa.array(chosen[corrected:])), fresh)
    folder = home / "drop" / "messages"
    _write_chunks(
        folder / "messages_increment.parquet", [pa.concat_tables([table, replies, corrections])]
    )


def _as_of() -> datetime:
    return datetime.fromisoformat(AS_OF)


def _windows(size: Size) -> Iterator[Window]:
    span = (LAST_NIGHT - START) / max(1, size.messages)
    for first in range(0, size.messages, CHUNK_ROWS):
        count = min(CHUNK_ROWS, size.messages - first)
        yield Window(first, count, START + span * first, START + span * (first + count))


def _write_chunks(path: Path, chunks: Iterator[pa.Table] | list[pa.Table]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    writer: pq.ParquetWriter | None = None
    for chunk in chunks:
        writer = writer or pq.ParquetWriter(path, chunk.schema)
        writer.write_table(chunk)
    if writer:
        writer.close()


def _replaced(table: pa.Table, columns: dict[str, pa.Array]) -> pa.Table:
    for name, column in columns.items():
        table = table.set_column(table.schema.get_field_index(name), name, column)
    return table


def message_ids(numbers: Ints) -> pa.Array:
    """Ids of messages by their numbers: 19 digits, more than a double holds."""
    return pa.array(ID_BASE + numbers * 1_000_003).cast(pa.string())


def messages(size: Size, window: Window) -> pa.Table:
    """The messages of a window; always the same for one size and window."""
    rng = np.random.default_rng([size.interactions, 0, window.first])
    thread, position, numbers = _threads(rng, window)
    thread_count = int(thread[-1]) + 1
    person = parts.skewed(rng, size.people, thread_count)[thread]
    post = parts.post_of(_post_slots(rng, size, window, thread_count)[thread], person)
    account = post % parts.ACCOUNT_COUNT
    is_outbound = (position % 2 == 1) & (rng.random(window.count) < 0.9)
    is_automated = is_outbound & (rng.random(window.count) < 0.08)
    kind = rng.choice(3, thread_count, p=(0.6, 0.2, 0.2))[thread]  # comment, mention, dm
    root_number = numbers - position
    sent_at = _sent_at(rng, thread, position, window)
    columns: Columns = {
        "message_id": message_ids(numbers),
        "network": parts.NETWORKS.take(pa.array(person % 4)),
        "message_kind": parts.KINDS.take(pa.array(np.where((position > 0) & (kind < 2), 3, kind))),
        "thread_id": message_ids(root_number),
        "parent_message_id": parts.only_where(message_ids(numbers - 1), position > 0),
        "post_id": parts.only_where(parts.post_ids(post), kind == 0),
        "author_profile_id": pc.if_else(
            pa.array(is_outbound), parts.account_ids(account), parts.profile_ids(person)
        ),
        "to_profile_id": parts.only_where(parts.profile_ids(person), is_outbound),
        "account_id": parts.account_ids(account),
        "direction": parts.DIRECTIONS.take(pa.array(is_outbound.astype(np.int64))),
        "is_public": pa.array(kind < 2),
        "is_automated": pa.array(is_automated),
        "agent_id": parts.only_where(parts.agent_ids(rng, is_automated), is_outbound),
        "sent_at": sent_at,
        "text": parts.texts(rng, person, is_outbound),
        "updated_at": sent_at,
    }
    return pa.table(columns)


def _post_slots(rng: np.random.Generator, size: Size, window: Window, count: int) -> Ints:
    """Slots of posts that were new when the window's threads began."""
    slots = size.posts // 4
    number = window.first + np.arange(count) * window.count // count
    newest = np.minimum(slots - 1, slots * number // size.messages)
    return np.maximum(0, newest - rng.integers(0, POSTS_IN_SIGHT, count))


def _threads(rng: np.random.Generator, window: Window) -> tuple[Ints, Ints, Ints]:
    """Thread, position in it and number of each message; 2.5 messages per thread on average."""
    sizes = rng.geometric(1 - REPLY_SHARE, window.count)
    sizes = sizes[: int(np.searchsorted(np.cumsum(sizes), window.count)) + 1]
    thread = np.repeat(np.arange(len(sizes)), sizes)[: window.count]
    starts = np.cumsum(sizes) - sizes
    index = np.arange(window.count)
    return thread, index - starts[thread], window.first + index


def _sent_at(rng: np.random.Generator, thread: Ints, position: Ints, window: Window) -> pa.Array:
    """Threads begin evenly in the window, their messages follow with lognormal gaps."""
    begin, end = (int(t.timestamp()) for t in (window.begin, window.end))
    roots = np.sort(rng.integers(begin, max(begin + 1, end), int(thread[-1]) + 1))
    gaps = np.where(
        position > 0, rng.lognormal(np.log(GAP_MEDIAN_SECONDS), GAP_SIGMA, len(thread)), 0
    )
    elapsed = np.cumsum(gaps)
    first = np.flatnonzero(position == 0)
    seconds = roots[thread] + (elapsed - elapsed[first][thread]).astype(np.int64)
    limit = int((LAST_NIGHT if window.end <= LAST_NIGHT else _as_of()).timestamp()) - 1
    return parts.instants(np.minimum(seconds, limit))


def _continuing(rng: np.random.Generator, parents: pa.Table, fresh: Window) -> pa.Table:
    """People's further messages in known threads, one below each of the parents."""
    numbers = fresh.first + fresh.count + np.arange(parents.num_rows)
    sent_at = parts.times(rng, parents.num_rows, LAST_NIGHT, _as_of())
    was_outbound = pc.equal(parents["direction"], "outbound")
    nothing = pa.nulls(parents.num_rows, pa.string())
    return _replaced(
        parents,
        {
            "message_id": message_ids(numbers),
            "parent_message_id": parents["message_id"],
            "message_kind": pc.if_else(parents["is_public"], "reply", "dm"),
            "author_profile_id": pc.if_else(
                was_outbound, parents["to_profile_id"], parents["author_profile_id"]
            ),
            "to_profile_id": nothing,
            "direction": pa.repeat(pa.scalar("inbound"), parents.num_rows),
            "is_automated": pa.repeat(pa.scalar(False), parents.num_rows),
            "agent_id": nothing,
            "sent_at": sent_at,
            "updated_at": sent_at,
        },
    )
