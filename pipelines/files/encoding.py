"""Text encodings: which one a file has, and its bytes as UTF-8.

Nothing is guessed silently: `auto` means a byte order mark, else UTF-8 when every byte fits, else
the feed's list. Bytes that do not fit the chosen encoding stay recognisable as damage; readers turn
them into U+FFFD and say so.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from pipelines.files.feeds import Feed
from pipelines.files.opening import read_text_chunks
from pipelines.files.refused import FileRefused
from pipelines.settings import Settings

DAMAGE = "\udcff"  # stands for undecodable bytes; no valid text holds a lone surrogate
DAMAGE_HANDLER = "ror_damage"
MARKS = (  # the longer mark first
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def _mark_damage(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return DAMAGE, error.end


codecs.register_error(DAMAGE_HANDLER, _mark_damage)


def canonical_name(encoding: str) -> str:
    """Python's name of an encoding; `utf-8` also for its variant with a mark. Raises FileRefused
    when unknown.
    """
    try:
        name = codecs.lookup(encoding).name
    except LookupError as error:
        raise FileRefused("unknown_encoding", f"{encoding!r} is no known encoding") from error
    return {"utf-8-sig": "utf-8"}.get(name, name)


def _marked(first: bytes) -> str | None:
    return next((name for mark, name in MARKS if first.startswith(mark)), None)


def _fits(chunks: Iterator[bytes], encoding: str) -> tuple[bool, bool]:
    """Whether all bytes decode, and whether any is outside ASCII."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    has_other = False
    try:
        for chunk in chunks:
            has_other = has_other or not chunk.isascii()
            decoder.decode(chunk)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False, has_other
    return True, has_other


def choose_encoding(feed: Feed, path: Path, name: str, settings: Settings) -> str:
    """The encoding to read the file with. Raises FileRefused `wrong_encoding` where the declared
    one cannot be it.
    """
    first = next(read_text_chunks(path, name, settings), b"")
    marked = _marked(first)
    if feed.encoding == "auto":
        if marked:
            return marked
        for candidate in ("utf-8", *map(canonical_name, feed.encoding_fallbacks)):
            if _fits(read_text_chunks(path, name, settings), candidate)[0]:
                return candidate
        raise FileRefused(
            "wrong_encoding", "not valid UTF-8, and no encoding of encoding_fallbacks fits"
        )
    declared = canonical_name(feed.encoding)
    if marked and marked != declared and not declared.startswith(marked):
        raise FileRefused(
            "wrong_encoding", f"declared {declared}, but it begins with a {marked} mark"
        )
    if declared == "utf-16" and not marked and first:
        raise FileRefused("wrong_encoding", "declared utf-16, but it has no byte order mark")
    if not declared.startswith("utf"):
        is_utf8, has_other = _fits(read_text_chunks(path, name, settings), "utf-8")
        if is_utf8 and has_other:  # text of a one-byte encoding is practically never valid UTF-8
            raise FileRefused("wrong_encoding", f"declared {declared}, but the content is UTF-8")
    return declared


def to_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The same text as UTF-8 without a mark; what could not be decoded becomes a byte that UTF-8
    never has.
    """
    if encoding == "utf-8":
        for index, chunk in enumerate(chunks):
            yield chunk.removeprefix(codecs.BOM_UTF8) if index == 0 else chunk
        return
    decoder = codecs.getincrementaldecoder(encoding)(DAMAGE_HANDLER)
    for chunk in chunks:
        yield decoder.decode(chunk).encode("utf-8", "surrogateescape")
    if rest := decoder.decode(b"", True):
        yield rest.encode("utf-8", "surrogateescape")


def decode(block: bytes) -> tuple[str, bool]:
    """Text of UTF-8 bytes, and whether it holds damage: undecodable bytes and NUL appear as
    `DAMAGE`.
    """
    text = block.decode("utf-8", DAMAGE_HANDLER)
    if "\0" in text:
        text = text.replace("\0", DAMAGE)
    return text, DAMAGE in text
