"""Bytes of a text file, handed out in blocks that end at a line feed."""

from __future__ import annotations

from collections.abc import Iterator

from pipelines.files.refused import FileRefused
from pipelines.settings import MEBIBYTE

BLOCK_BYTES = 8 * MEBIBYTE
LONGEST_RECORD_BYTES = (
    64 * MEBIBYTE
)  # longer means a quote that nobody closed, or no line ends at all


class LineBlocks:
    """Blocks of whole lines; what a reader gives back comes again, with more behind it."""

    def __init__(self, chunks: Iterator[bytes], block_bytes: int = BLOCK_BYTES) -> None:
        self._chunks = chunks
        self._block_bytes = block_bytes
        self._pending = b""
        self._given_back = 0
        self.is_last = False

    def take(self) -> bytes:
        """The next block; empty at the end. `is_last` says that nothing comes after it."""
        parts, size = [self._pending], len(self._pending)
        while not self.is_last:
            if size >= self._block_bytes + self._given_back and b"\n" in parts[-1]:
                break
            if size > LONGEST_RECORD_BYTES:
                raise FileRefused("record_too_long", "a record or line of more than 64 MiB")
            chunk = next(self._chunks, None)
            if chunk is None:
                self.is_last = True
            else:
                parts.append(chunk)
                size += len(chunk)
        block = b"".join(parts)
        end = len(block) if self.is_last else block.rindex(b"\n") + 1
        self._pending, self._given_back = block[end:], 0
        return block[:end]

    def give_back(self, rest: bytes) -> None:
        """Return the beginning of a record whose end is not in the block."""
        self._pending = rest + self._pending
        self._given_back = len(rest)
        if self._given_back > LONGEST_RECORD_BYTES:
            raise FileRefused("record_too_long", "a record of more than 64 MiB")
