"""The credentials of one source during one run, shared by its workers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from pipelines.http.mask import Masker
from pipelines.http.origin import Origins
from pipelines.http.records import Answer, Request
from pipelines.http.tokens import Credentials, TokenProvider


class Session:
    """Renews the token ahead of its end of life, and once after a refusal.

    `origins`: where requests may go; a login may assign another base.
    """

    def __init__(self, token: TokenProvider, origins: Origins, masker: Masker) -> None:
        self.origins = origins
        self._token, self._masker = token, masker
        self._age = 0  # tokens had so far: tells a worker whether its token is the present one
        self._is_refreshed = False
        self._lock = threading.RLock()
        token.register(masker)

    def credentials(
        self, now: datetime, fetch: Callable[[Request], Answer]
    ) -> tuple[Credentials, int]:
        """What the next request carries, and the token's age for `refresh`.

        Raises ValueError when the token endpoint answers without a token, ForeignOriginError when
        it assigns a host that is not declared.
        """
        with self._lock:
            renewal = self._token.renewal(now)
            if renewal is not None:
                answer = fetch(renewal)
                self._token.accept(answer.payload, answer.received_at)
                self._token.register(self._masker)
                self._age += 1
                if self.origins.instance_suffixes:
                    self.origins = self.origins.assigned(str(answer.payload.get("instance_url")))
            return self._token.credentials(), self._age

    def refresh(self, age: int) -> bool:
        """After a 401 for the token of this age: whether another send makes sense.

        One refresh per run; another worker may have done it meanwhile.
        """
        with self._lock:
            if age != self._age:
                return True
            if self._is_refreshed or not self._token.expire():
                return False
            self._is_refreshed = True
            return True

    @property
    def refusal(self) -> str:
        """Why `refresh` said no."""
        after = " after 1 refresh" if self._is_refreshed else ""
        return f"token refused (401){after}"
