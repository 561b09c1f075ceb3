"""Bodies that are slow, large, cut off or no text: over the wire."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib
from typing import Any

import pytest

from pipelines.clock import SystemClock
from pipelines.http import Limits, Request, SourceFailed
from tests.unit.http.server import Bench, Said

POSTS = Request("posts", "/posts")
PAGE = b'{"data": [{"id": "1"}]}'


class QuickClock(SystemClock):
    """Real time, but nobody waits."""

    def sleep(self, seconds: float) -> None:
        pass


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(PAGE)),
        ("gzip", gzip.compress(PAGE[:9]) + gzip.compress(PAGE[9:])),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", zlib.compress(PAGE, wbits=-15)),
        ("identity", PAGE),
    ],
)
def test_read_when_compressed_then_inflated(bench: Bench, encoding: str, body: bytes) -> None:
    bench.say(Said(raw=body, headers={"Content-Encoding": encoding}))
    assert bench.kernel().fetch(POSTS).rows == ({"id": "1"},)


def test_read_when_large_and_compressed_then_every_byte_comes(bench: Bench) -> None:
    text = "".join(chr(65 + n % 50) for n in range(3_000_000))
    body = b'{"data": [{"id": "' + text.encode().replace(b"\\", b"/").replace(b'"', b"'") + b'"}]}'
    bench.say(Said(raw=gzip.compress(body), headers={"Content-Encoding": "gzip"}))
    (row,) = bench.kernel().fetch(POSTS).rows
    assert len(row["id"]) == 3_000_000
    assert bench.ledger.take("requests")[0]["bytes"] == len(body)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_read_when_bomb_then_it_stops_under_the_cap(bench: Bench, encoding: str) -> None:
    packer = zlib.compressobj(9, wbits=31 if encoding == "gzip" else 15)
    zeros = bytes(2**20)
    bomb = b"".join(packer.compress(zeros) for _ in range(400)) + packer.flush()
    bench.say(Said(raw=bomb, headers={"Content-Encoding": encoding}))
    kernel = bench.kernel()
    tracemalloc.start()
    try:
        with pytest.raises(SourceFailed) as caught:
            kernel.fetch(POSTS)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert caught.value.fault == "too_large"
    assert peak < 150 * 2**20, f"{peak / 2**20:.0f} MiB"
    assert len(bench.seen) == 1


def test_read_when_body_is_one_byte_over_the_cap_then_too_large(bench: Bench) -> None:
    bench.say(Said(raw=PAGE))
    assert bench.kernel(limits=Limits(body_bytes=len(PAGE))).fetch(POSTS).rows
    with pytest.raises(SourceFailed, match="larger than the limit"):
        bench.kernel(limits=Limits(body_bytes=len(PAGE) - 1)).fetch(POSTS)


@pytest.mark.parametrize(
    ("body", "headers", "length"),
    [
        (PAGE[:10], {}, len(PAGE)),
        (gzip.compress(PAGE)[:-6], {"Content-Encoding": "gzip"}, None),
        (gzip.compress(PAGE)[:-6], {"Content-Encoding": "gzip"}, len(gzip.compress(PAGE))),
        (b"\x1f\x8b" + PAGE, {"Content-Encoding": "gzip"}, None),
    ],
)
def test_read_when_cut_off_then_retried_and_no_partial_page(
    bench: Bench, body: bytes, headers: dict[str, str], length: int | None
) -> None:
    bench.say(Said(raw=body, headers=headers, length=length), Said(raw=PAGE))
    assert bench.kernel().fetch(POSTS).rows == ({"id": "1"},)
    assert bench.outcomes() == ["retry: truncated", "ok"]


def test_read_when_chunked_body_ends_early_then_retried(bench: Bench) -> None:
    def half(wire: Any) -> None:
        wire.write(b"5\r\n" + PAGE[:5] + b"\r\n")

    bench.say(Said(write=half, headers={"Transfer-Encoding": "chunked"}), Said(raw=PAGE))
    assert bench.kernel().fetch(POSTS).rows == ({"id": "1"},)
    assert bench.outcomes() == ["retry: truncated", "ok"]


def test_read_when_encoding_is_unknown_then_fatal(bench: Bench) -> None:
    bench.say(Said(raw=PAGE, headers={"Content-Encoding": "br"}))
    with pytest.raises(SourceFailed, match="encoding is unknown"):
        bench.kernel().fetch(POSTS)


def trickle(before: bytes = b"", step: bytes = b" ", after: bytes = b"") -> Any:
    """Byte by byte, for ten seconds, each well within the read limit."""

    def write(wire: Any) -> None:
        wire.write(before)
        for _ in range(200):
            wire.write(step)
            wire.flush()
            time.sleep(0.05)
        wire.write(after)

    return write


@pytest.mark.parametrize(
    "said",
    [
        Said(write=trickle(), length=10_000),
        Said(write=trickle(step=b"1\r\n \r\n"), headers={"Transfer-Encoding": "chunked"}),
        Said(write=trickle(step=b"0"), headers={"Transfer-Encoding": "chunked"}),  # never a line
    ],
)
def test_read_when_body_trickles_then_it_ends_at_the_deadline(bench: Bench, said: Said) -> None:
    bench.say(said)
    limits = Limits(read_seconds=0.4, request_seconds=0.5, attempts=1)
    started = time.monotonic()
    with pytest.raises(SourceFailed, match="deadline after 1 attempts"):
        bench.kernel(limits=limits, clock=QuickClock()).fetch(POSTS)
    assert 0.4 < time.monotonic() - started < 20


def test_read_when_headers_trickle_then_it_ends_at_the_deadline(bench: Bench) -> None:
    bench.say(Said(status=100, write=trickle(before=b"HTTP/1.1 200 OK\r\nX: ", step=b"a")))
    limits = Limits(read_seconds=0.4, request_seconds=0.5, attempts=1)
    started = time.monotonic()
    with pytest.raises(SourceFailed, match="after 1 attempts"):
        bench.kernel(limits=limits, clock=QuickClock()).fetch(POSTS)
    assert 0.4 < time.monotonic() - started < 20


def test_read_when_server_is_silent_then_timeout(bench: Bench) -> None:
    bench.say(Said(write=lambda wire: time.sleep(1.0), length=100))
    limits = Limits(read_seconds=0.2, attempts=1)
    with pytest.raises(SourceFailed, match="timeout after 1 attempts"):
        bench.kernel(limits=limits, clock=QuickClock()).fetch(POSTS)
