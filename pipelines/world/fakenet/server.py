"""The server: one process, loopback, ephemeral ports, no wall clock.

A façade is mounted at `/<name>`; `/_fake/…` is the control. A second port is the foreign origin,
which answers nothing and logs what a client was tricked into sending there.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from pipelines.clock import ManualClock
from pipelines.world.fakenet.facade import Facade, Headers, Reply, Request, Wire
from pipelines.world.fakenet.faults import FaultScript
from pipelines.world.fakenet.oracle import expected
from pipelines.world.fakenet.requests_log import RequestsLog

LOOPBACK = "127.0.0.1"
NOW_HEADER = "x-fake-now"
FOREIGN = "foreign"
IDLE_SECONDS = 30.0  # real ones: a connection that a client forgot does not hold its thread
POLL_SECONDS = 0.02  # real ones: how soon `stop` is noticed


class Facades(Mapping[str, Facade]):
    """Façades by name, each built when it is first looked at."""

    def __init__(self, builders: Mapping[str, Callable[[], Facade]]) -> None:
        self._builders = builders
        self._built: dict[str, Facade] = {}

    def __getitem__(self, name: str) -> Facade:
        if name not in self._built:
            self._built[name] = self._builders[name]()
        return self._built[name]

    def __setitem__(self, name: str, facade: Facade) -> None:
        """Put another façade in the place of one."""
        self._built[name] = facade

    def __contains__(self, name: object) -> bool:
        return name in self._builders

    def __iter__(self) -> Iterator[str]:
        return iter(self._builders)

    def __len__(self) -> int:
        return len(self._builders)


class FakeNet:
    """The façades of one world. Use as a context manager.

    `clock`: the fake's now, to be shared with whoever waits; every request moves it by `tick`.
    `sleep`: gets the seconds of delays and trickles, real seconds if it is `time.sleep`; by default
    they move the clock and nobody waits. `people`: tells who is who, for the oracle.
    """

    def __init__(
        self, facades: Mapping[str, Facade], clock: ManualClock, *,
        script: FaultScript | None = None, tick: timedelta = timedelta(0),
        sleep: Callable[[float], None] | None = None,
        people: Callable[[], Sequence[dict[str, Any]]] = tuple,
    ) -> None:  # fmt: skip
        self.facades = facades
        self.clock, self.tick, self.people = clock, tick, people
        self.script = script or FaultScript()
        self.sleep = sleep or clock.sleep
        self.log = RequestsLog()
        self._lock = threading.Lock()
        self._servers: list[ThreadingHTTPServer] = []
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> FakeNet:
        for is_foreign in (False, True):
            handler = type("Handler", (_Handler,), {"net": self, "is_foreign": is_foreign})
            server = _Server((LOOPBACK, 0), handler)
            thread = threading.Thread(
                target=server.serve_forever, args=(POLL_SECONDS,), daemon=True
            )
            thread.start()
            self._servers.append(server)
            self._threads.append(thread)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        for server, thread in zip(self._servers, self._threads, strict=True):
            server.shutdown()
            server.server_close()
            thread.join()
        self._servers, self._threads = [], []

    @property
    def origin(self) -> str:
        """Scheme, host and port of the façades."""
        return f"http://{LOOPBACK}:{self._servers[0].server_address[1]}"

    @property
    def foreign_origin(self) -> str:
        """Scheme, host and port where no client may ever send anything."""
        return f"http://{LOOPBACK}:{self._servers[1].server_address[1]}"

    def url(self, facade: str) -> str:
        """The base address of a façade, without a slash at the end."""
        return f"{self.origin}/{facade}"

    def advance(self, hours: float) -> None:
        """Move the clock."""
        self.clock.sleep(3600 * hours)

    def handle(self, method: str, target: str, headers: Headers, body: bytes, *,
               is_foreign: bool) -> Reply:  # fmt: skip
        """Answer and log a request; one at a time, so that a replay is one order of requests."""
        with self._lock:
            now = self.clock.now()
            name, reply = self._reply(method, target, headers, body, is_foreign=is_foreign)
            if name != "_fake":
                status = 0 if reply.wire.is_dropped else reply.status
                self.log.add(name, method, target, headers, body, now, status)
            self.clock.sleep(self.tick.total_seconds())
            date = format_datetime(now + timedelta(seconds=reply.date_skew_seconds), usegmt=True)
            return reply.with_headers((("Date", date),))

    def _reply(self, method: str, target: str, headers: Headers, body: bytes, *,
               is_foreign: bool) -> tuple[str, Reply]:  # fmt: skip
        """The name of who answers, and the answer."""
        if is_foreign:
            return FOREIGN, Reply(200, {"results": []})
        by_name = dict(headers)
        parts = urlsplit(target)
        name, _, rest = parts.path.lstrip("/").partition("/")
        query = tuple(parse_qsl(parts.query, keep_blank_values=True))
        try:
            now = _instant(by_name[NOW_HEADER]) if NOW_HEADER in by_name else self._now()
        except ValueError:
            return name, Reply(400, {"error": f"{NOW_HEADER} is no instant with an offset"})
        if name == "_fake":
            return name, self._control(rest, dict(query), now)
        if name not in self.facades:
            return name, Reply(404, {"error": "no such façade"})
        request = Request(
            method, f"/{unquote(rest)}", query, by_name, body, now, self._now(), self.url(name),
            len(target), f"/{rest}?{parts.query}",
        )  # fmt: skip
        return name, self.script.answer(self.facades[name], request, self.foreign_origin)

    def _now(self) -> datetime:
        return self.clock.now().astimezone(UTC)

    def _control(self, path: str, query: dict[str, str], now: datetime) -> Reply:
        """`log`, `oracle`, `oracle?facade=`, `advance?hours=`: for those in another process."""
        if path == "log":
            return Reply(200, self.log.as_json())
        if path == "oracle" and "facade" in query:  # the others are not built for it
            return Reply(200, expected([self.facades[query["facade"]]], now))
        if path == "oracle":
            found = expected(self.facades.values(), now)
            return Reply(200, {"now": now.isoformat(), **found, "people": list(self.people())})
        if path == "advance":
            self.advance(float(query["hours"]))
            return Reply(200, {"now": self._now().isoformat()})
        return Reply(404, {"error": "log, oracle or advance"})


def _instant(text: str) -> datetime:
    """An instant with an offset, as UTC; ValueError without one."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError("no offset")
    return instant.astimezone(UTC)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client may keep its connection; its thread ends with the process
    request_queue_size = 64


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, lets the net answer it, writes the reply the way its wire says."""

    net: FakeNet
    is_foreign: bool
    protocol_version = "HTTP/1.1"
    timeout = IDLE_SECONDS
    disable_nagle_algorithm = True  # headers and body are two writes: do not wait in between

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = tuple((key.lower(), value) for key, value in self.headers.items())
        reply = self.net.handle(self.command, self.path, headers, body, is_foreign=self.is_foreign)
        try:
            self._write(reply)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # the client has seen enough

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815  names of http.server

    def _write(self, reply: Reply) -> None:
        wire = reply.wire
        if wire.delay_seconds:
            self.net.sleep(wire.delay_seconds)
        if wire.is_dropped:
            self.close_connection = True
            return
        content = reply.content()
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            self.send_header(name, value)
        if content:
            self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if wire.cut_after is not None:
            content, self.close_connection = content[: wire.cut_after], True
        self._send(content, wire)

    def _send(self, content: bytes, wire: Wire) -> None:
        step = wire.chunk_bytes or max(1, len(content))
        for start in range(0, len(content), step):
            if start:
                self.net.sleep(wire.pause_seconds)
            self.wfile.write(content[start : start + step])
            self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the name of http.server
        """Nothing: what a client sends stays in the log in memory."""
