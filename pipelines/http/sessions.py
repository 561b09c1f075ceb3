"""A session opened by name and password, for servers whose login is a plain JSON call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pipelines.http.mask import Masker, Secret
from pipelines.http.records import Request
from pipelines.http.tokens import Credentials

SESSION_LENGTH = timedelta(hours=1)  # tokens of a session live two hours as a rule


@dataclass
class SessionToken:
    """The token of a session; a new session is opened when it ends.

    `url`: address of the login. `login`: its JSON body. `token_key`: where the answer has the
    token.
    """

    url: str
    login: Mapping[str, str | Secret]
    token_key: str
    _access: Secret | None = field(default=None, init=False)
    _expires_at: datetime | None = field(default=None, init=False)

    def register(self, masker: Masker) -> None:
        """Have the password and the token masked."""
        for value in (*self.login.values(), self._access):
            if isinstance(value, Secret):
                masker.register(value)

    def renewal(self, now: datetime) -> Request | None:
        """The login, when there is no token that lives on."""
        if self._access is not None and self._expires_at is not None and self._expires_at > now:
            return None
        return Request(
            "token", link=self.url, is_token=True, method="POST", json=dict(self.login),
            rows_path=(), quota_cost=0,
        )  # fmt: skip

    def accept(self, payload: Any, now: datetime) -> None:
        """Keep the token. Raises ValueError without one."""
        found = payload.get(self.token_key) if isinstance(payload, dict) else None
        if not isinstance(found, str) or not found.strip():
            raise ValueError("no token in the answer")
        self._access, self._expires_at = Secret(found), now + SESSION_LENGTH

    def expire(self) -> bool:
        """Forget the token; another one can be had."""
        self._access = None
        return True

    def credentials(self) -> Credentials:
        """The token as bearer."""
        token = self._access.reveal() if self._access else ""
        return Credentials({"Authorization": Secret(f"Bearer {token}")})
