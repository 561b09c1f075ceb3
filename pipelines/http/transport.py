"""The only place where bytes go out: one send, one answer or one failure in a word.

urllib3 does TLS, pooling and parsing; it follows no redirect, retries nothing, and knows no proxy,
cookie or .netrc. Its exceptions end here: their texts may quote addresses and headers.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NewConnectionError,
    ReadTimeoutError,
    SSLError,
)

from pipelines.http.body import BodyError, parse_json, read_body
from pipelines.http.limits import Limits
from pipelines.http.origin import may_connect
from pipelines.http.records import Failure, Reply

CHUNK_BYTES = 64 * 1024
NOT_SENT = (ConnectTimeoutError, NewConnectionError)


class PrivateAddressError(Exception):
    """A public name that resolves to a private address."""


@dataclass(frozen=True)
class Wire:
    """One request as it goes out, credentials included; never shown."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None

    def __repr__(self) -> str:
        return f"Wire({self.method})"


class Transport:
    """Sends requests of one source. Safe for several threads."""

    def __init__(
        self,
        limits: Limits,
        monotonic: Callable[[], float],
        internal_hosts: tuple[str, ...] = (),
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._limits, self._monotonic = limits, monotonic
        self._pool = urllib3.PoolManager(
            num_pools=limits.workers,
            maxsize=limits.workers,
            retries=False,
            ssl_context=tls or ssl.create_default_context(),
        )
        self._pool.pool_classes_by_scheme = _guarded_pools(limits, internal_hosts)

    def send(self, wire: Wire) -> Reply | Failure:
        """One request and its whole answer, within the limits."""
        deadline = self._monotonic() + self._limits.request_seconds
        try:
            response = self._pool.urlopen(
                wire.method,
                wire.url,
                body=wire.body,
                headers=dict(wire.headers),
                redirect=False,
                preload_content=False,
                decode_content=False,
                timeout=urllib3.Timeout(
                    connect=self._limits.connect_seconds, read=self._limits.read_seconds
                ),
            )
        except PrivateAddressError:
            return Failure("private_address", may_be_billed=False)
        except (HTTPError, OSError, http.client.HTTPException) as error:
            return _failure(error)
        except (ValueError, TypeError):  # a header or address that cannot be written
            return Failure("invalid", may_be_billed=False)
        return self._read(response, deadline)

    def _read(self, response: urllib3.BaseHTTPResponse, deadline: float) -> Reply | Failure:
        is_complete = False
        try:
            encoding = response.headers.get("content-encoding", "")
            with cut_after(self._limits.request_seconds, lambda: _shut(response.shutdown)):
                chunks = _chunks(response)
                body = read_body(chunks, encoding, deadline, self._monotonic, self._limits)
            is_complete = True
        except BodyError as error:
            return Failure(error.kind)
        except (HTTPError, OSError, http.client.HTTPException, ValueError) as error:
            late = self._monotonic() > deadline
            return Failure("deadline") if late else _failure(error, "truncated")
        finally:
            if not is_complete:
                response.close()  # its rest must not be read as the next answer
            response.release_conn()
        headers = {name.lower(): value for name, value in response.headers.items()}
        try:
            return Reply(response.status, headers, body, parse_json(body), is_json=True)
        except ValueError:
            return Reply(response.status, headers, body)


def _chunks(response: urllib3.BaseHTTPResponse) -> Iterator[bytes]:
    """Pieces as they arrive: `read1` returns after one receive, so that the deadline is looked at
    even when a server sends byte by byte.
    """
    while chunk := response.read1(CHUNK_BYTES, decode_content=False):
        yield chunk


def _failure(error: Exception, kind: str = "network") -> Failure:
    if isinstance(error, SSLError) and isinstance(error.args[0], ssl.SSLCertVerificationError):
        return Failure("certificate", may_be_billed=False)
    if isinstance(error, NOT_SENT):
        return Failure("connect", may_be_billed=False)
    return Failure("timeout" if isinstance(error, ReadTimeoutError) else kind)


@contextmanager
def cut_after(seconds: float, cut: Callable[[], None]) -> Iterator[None]:
    """Call `cut` from another thread if the block takes longer: for reads that cannot look at a
    clock themselves, such as headers that trickle in. Real seconds.
    """
    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _shut(shutdown: Callable[[], object]) -> None:
    with suppress(OSError, ValueError, RuntimeError):  # it ended by itself meanwhile
        shutdown()


def _guarded_pools(
    limits: Limits, internal_hosts: tuple[str, ...]
) -> dict[str, type[HTTPConnectionPool]]:
    """Pools whose connections refuse private addresses and end headers that trickle."""

    class Guarded(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            sock = super()._new_conn()
            if not may_connect(self.host, sock.getpeername()[0], internal_hosts):
                sock.close()
                raise PrivateAddressError
            return sock

        def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override] # as urllib3's
            sock = self.sock
            cut = lambda: _shut(lambda: sock.shutdown(socket.SHUT_RDWR))  # noqa: E731
            with cut_after(limits.request_seconds, cut):
                return super().getresponse()

    class GuardedTls(Guarded, HTTPSConnection):
        pass

    class Pool(HTTPConnectionPool):
        ConnectionCls = Guarded

    class TlsPool(HTTPSConnectionPool):
        ConnectionCls = GuardedTls

    return {"http": Pool, "https": TlsPool}
