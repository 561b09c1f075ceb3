"""A loopback server that answers from a script and remembers what it was asked."""

from __future__ import annotations

import json
import random
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pipelines.clock import Clock, ManualClock
from pipelines.http import Kernel, Limits, Masker, Origins, RequestLedger, Service, TokenProvider

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Said:
    """One answer of the script. `raw`: sent as the body instead of `payload`; `write`: takes over
    the connection after the headers.
    """

    payload: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    write: Callable[[Any], None] | None = None
    length: int | None = None


@dataclass(frozen=True)
class Seen:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


class Script:
    """Answers in order; the last one stays. `seen`: every request."""

    def __init__(self) -> None:
        self.answers: list[Said | Callable[[Seen], Said]] = []
        self.seen: list[Seen] = []
        self.connections = 0
        self.lock = threading.Lock()

    def say(self, *answers: Said | Callable[[Seen], Said]) -> None:
        self.answers.extend(answers)

    def next(self, seen: Seen) -> Said:
        with self.lock:
            self.seen.append(seen)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return answer(seen) if callable(answer) else answer

    @property
    def targets(self) -> list[str]:
        return [seen.target for seen in self.seen]


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, script: Script) -> None:
        self.script = script
        super().__init__(("127.0.0.1", 0), Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def process_request(self, request: Any, client_address: Any) -> None:
        self.script.connections += 1
        super().process_request(request, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what some tests want."""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else every answer waits 40 ms for an acknowledgement
    server: Server

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        said = self.server.script.next(Seen(self.command, self.path, headers, body))
        raw = said.raw if said.raw is not None else json.dumps(said.payload).encode()
        if said.payload is None and said.raw is None:
            raw = b""
        self.send_response_only(said.status)
        for name, value in ({} if "Content-Type" in said.headers else JSON).items():
            self.send_header(name, value)
        for name, value in said.headers.items():
            self.send_header(name, value)
        if said.write is None or said.length is not None:
            length = said.length if said.length is not None else len(raw)
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if said.write is not None:
            said.write(self.wfile)
            self.close_connection = True
            return
        self.wfile.write(raw)
        if said.length is not None:  # a body that is cut off ends with the connection
            self.close_connection = True

    do_GET = do_POST = _answer  # noqa: N815 - the names that http.server looks for

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def serving() -> Iterator[Server]:
    server = Server(Script())
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


class RecordingClock(ManualClock):
    """A manual clock that remembers how long somebody slept."""

    def __init__(self, instant: datetime = NOW) -> None:
        super().__init__(instant)
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        super().sleep(seconds)


@dataclass
class Bench:
    """A kernel against one server."""

    server: Server
    clock: RecordingClock = field(default_factory=RecordingClock)
    masker: Masker = field(default_factory=Masker)

    def kernel(
        self,
        *,
        token: TokenProvider | None = None,
        limits: Limits | None = None,
        clock: Clock | None = None,
        purse: Any = None,
        seed: int = 7,
        origins: Origins | None = None,
        **service: Any,
    ) -> Kernel:
        self.ledger = RequestLedger("r1", "2026-11-20", "x", self.masker)
        return Kernel(
            Service("x", origins or Origins(self.server.url), limits=limits or Limits(), **service),
            self.ledger,
            clock=clock or self.clock,
            rng=random.Random(seed),
            token=token,
            purse=purse,
        )

    def say(self, *answers: Said | Callable[[Seen], Said]) -> None:
        self.server.script.say(*answers)

    def outcomes(self) -> list[str]:
        return [row["outcome"] for row in self.ledger.take("requests")]

    @property
    def seen(self) -> list[Seen]:
        return self.server.script.seen


@contextmanager
def unused_port() -> Iterator[int]:
    """A port on which nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]
