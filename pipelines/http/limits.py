"""The caps of the kernel, in one place: how long, how much, how often."""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.settings import MEBIBYTE


@dataclass(frozen=True)
class Limits:
    """Caps per request, resource and source; each says its unit and why it exists."""

    connect_seconds: float = 10.0  # a host that does not answer by then is down
    read_seconds: float = 10.0  # longest silence between two pieces of an answer
    request_seconds: float = 60.0  # the whole request with its body: ends a slow trickle
    body_bytes: int = 64 * MEBIBYTE  # after decompression: ends a bomb
    attempts: int = 5  # sends of one request before it fails
    backoff_cap_seconds: float = 60.0  # of sleep = U(0, min(cap, 2^n)); full jitter
    single_wait_seconds: float = 120.0  # demanded by the server; longer: stop, come back tomorrow
    waiting_seconds: float = 15 * 60.0  # all waits of one resource
    source_seconds: float = 60 * 60.0  # wall clock of one source: the night has an end
    redirects: int = 3  # same-origin GET redirects that we follow
    pages: int = 10_000  # of one resource and run
    empty_pages: int = 50  # in a row: a listing that only ever hands out cursors
    rows: int = 5_000_000  # of one resource and run
    same_page: int = 3  # the same rows so often, under new cursors: a loop
    json_depth: int = 40  # nesting of one row; deeper: quarantine
    json_keys: int = 2_000  # keys of one object in a row; more: quarantine
    workers: int = 4  # fan-out requests in flight, all sharing one bucket
