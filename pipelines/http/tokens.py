"""Credentials: what a request carries, when it is renewed, and by which request.

A provider sends nothing itself: it says which request renews its token, and the kernel sends it
under all of its rules. No token is ever written to disk here.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from pipelines.errors import ExitCode, RorError
from pipelines.http.assertion import JWT_BEARER
from pipelines.http.mask import Masker, Secret
from pipelines.http.records import Request

REFRESH_AHEAD = timedelta(seconds=60)  # a token must outlive the request that carries it


@dataclass(frozen=True)
class Credentials:
    """What goes with a request: headers, or query parameters where the API takes no header."""

    headers: Mapping[str, Secret] = field(default_factory=dict)
    params: Mapping[str, Secret] = field(default_factory=dict)


class TokenProvider(Protocol):
    """A source's credentials during one run."""

    def register(self, masker: Masker) -> None:
        """Have every secret masked; called again whenever a token was renewed."""
        ...

    def renewal(self, now: datetime) -> Request | None:
        """The request that gets a token, when there is none that lives 60 s more."""
        ...

    def accept(self, payload: Any, now: datetime) -> None:
        """Take the answer to `renewal`. Raises ValueError when there is no token in it."""
        ...

    def expire(self) -> bool:
        """The server refused the token; returns whether another one can be had."""
        ...

    def credentials(self) -> Credentials:
        """What the next request carries."""
        ...


class Unrenewed:
    """The part of a provider whose credentials only a person can renew."""

    def renewal(self, now: datetime) -> Request | None:  # noqa: ARG002 - it never expires
        """None: there is nothing to ask for."""
        return None

    def accept(self, payload: Any, now: datetime) -> None:
        """Not called: there is no renewal."""

    def expire(self) -> bool:
        """False: there is no other one."""
        return False


@dataclass
class StaticToken(Unrenewed):
    """A token that a person made: sent as a header, or as a query parameter where `param` is set.

    Exit 77 for an empty one.
    """

    secret: Secret
    header: str = "Authorization"
    prefix: str = "Bearer "
    param: str = ""

    def __post_init__(self) -> None:
        if not self.secret:
            why, hint = "the token is empty", "set it, then ror doctor"
            raise RorError("extract", "token", why, hint, ExitCode.CREDENTIAL)

    def register(self, masker: Masker) -> None:
        """Have the token masked."""
        masker.register(self.secret)

    def credentials(self) -> Credentials:
        """The token as header or parameter."""
        if self.param:
            return Credentials(params={self.param: self.secret})
        return Credentials({self.header: Secret(self.prefix + self.secret.reveal())})


class Anonymous(Unrenewed):
    """No credentials: public endpoints."""

    def register(self, masker: Masker) -> None:
        """There is nothing to mask."""

    def credentials(self) -> Credentials:
        """Nothing."""
        return Credentials()


@dataclass
class OAuthToken:
    """An access token from a token endpoint: for a signed assertion if there is one, else for a
    refresh token if there is one, else for the client's credentials.

    `assertion`: see `jwt_assertion`; the client needs no secret then.
    `is_basic`: the client proves itself in the Authorization header instead of the form.
    `on_rotated`: gets a new refresh token that the server sent; it alone may store it.
    """

    token_url: str
    client_id: str
    client_secret: Secret = field(default_factory=lambda: Secret(""))
    refresh_token: Secret | None = None
    scope: str = ""
    is_basic: bool = False
    on_rotated: Callable[[Secret], None] | None = None
    assertion: Callable[[datetime], Secret] | None = None
    _access: Secret | None = field(default=None, init=False)
    _expires_at: datetime | None = field(default=None, init=False)

    def register(self, masker: Masker) -> None:
        """Have the client's secret and both tokens masked."""
        masker.register(self.client_secret, self.client_id)
        for secret in (self.refresh_token, self._access):
            if secret is not None:
                masker.register(secret)

    def renewal(self, now: datetime) -> Request | None:
        """The grant, when there is no token or it expires within 60 s."""
        is_fresh = self._expires_at is None or self._expires_at - REFRESH_AHEAD > now
        if self._access is not None and is_fresh:
            return None
        form: list[tuple[str, str | Secret]] = [("grant_type", "client_credentials")]
        if self.assertion is not None:
            form = [("grant_type", JWT_BEARER), ("assertion", self.assertion(now))]
        elif self.refresh_token is not None:
            form = [("grant_type", "refresh_token"), ("refresh_token", self.refresh_token)]
        if self.scope:
            form.append(("scope", self.scope))
        headers: dict[str, str | Secret] = {}
        if self.assertion is not None:
            pass  # the assertion names the client and proves it
        elif self.is_basic:
            pair = f"{self.client_id}:{self.client_secret.reveal()}".encode()
            headers["Authorization"] = Secret(f"Basic {base64.b64encode(pair).decode()}")
        else:
            form += [("client_id", self.client_id), ("client_secret", self.client_secret)]
        return Request(
            "token", link=self.token_url, is_token=True, method="POST", form=tuple(form),
            headers=headers, rows_path=(), quota_cost=0,
        )  # fmt: skip

    def accept(self, payload: Any, now: datetime) -> None:
        """Keep the access token, its end of life, and a rotated refresh token."""
        found = payload.get("access_token") if isinstance(payload, dict) else None
        if not isinstance(found, str) or not found.strip():
            raise ValueError("no access token in the answer")
        lifetime = payload.get("expires_in")
        is_number = isinstance(lifetime, int | float) and not isinstance(lifetime, bool)
        self._access = Secret(found)
        self._expires_at = now + timedelta(seconds=lifetime) if is_number else None
        rotated = payload.get("refresh_token")
        if self.refresh_token is not None and isinstance(rotated, str) and rotated:
            self.refresh_token = Secret(rotated)
            if self.on_rotated is not None:
                self.on_rotated(self.refresh_token)

    def expire(self) -> bool:
        """Forget the access token; another one can be had."""
        self._access = None
        return True

    def credentials(self) -> Credentials:
        """The access token as bearer."""
        token = self._access.reveal() if self._access else ""
        return Credentials({"Authorization": Secret(f"Bearer {token}")})
