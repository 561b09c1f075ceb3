"""Every request that reached the fake, as it came over the wire.

The only place where a secret that a client sent can be seen; it lives in memory and is never
written anywhere.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class LoggedRequest:
    """One request. `target`: path and query as sent; `headers`: names in lower case, in order."""

    number: int
    facade: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    received_at: datetime
    status: int

    def header(self, name: str) -> str | None:
        """The first header of that name, in lower case; None when it was not sent."""
        return next((value for key, value in self.headers if key == name), None)


class RequestsLog:
    """The requests so far, oldest first."""

    def __init__(self) -> None:
        self.requests: list[LoggedRequest] = []

    def add(
        self, facade: str, method: str, target: str, headers: tuple[tuple[str, str], ...],
        body: bytes, received_at: datetime, status: int,
    ) -> None:  # fmt: skip
        """Append a request; `status` is that of the answer, 0 when none was sent."""
        number = len(self.requests) + 1
        self.requests.append(
            LoggedRequest(number, facade, method, target, headers, body, received_at, status)
        )

    def of(self, facade: str) -> list[LoggedRequest]:
        """Those that reached one façade (`foreign`: the other origin)."""
        return [request for request in self.requests if request.facade == facade]

    def as_json(self) -> list[dict[str, Any]]:
        """For `GET /_fake/log`: bodies as text, instants in ISO 8601."""
        return [
            asdict(request)
            | {
                "body": request.body.decode("utf-8", "replace"),
                "received_at": request.received_at.isoformat(),
            }
            for request in self.requests
        ]
