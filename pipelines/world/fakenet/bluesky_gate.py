"""What XRPC hosts check first: session, rate, parameters; and sessions themselves."""

from __future__ import annotations

import base64
import json
from datetime import datetime, timedelta
from typing import Any

from pipelines.world.fakenet.facade import (
    EPOCH,
    Headers,
    Refused,
    Reply,
    Request,
    Tokens,
    bearer,
    stable_hex,
)
from pipelines.world.fakenet.rates import FixedWindow

LIMIT_DEFAULT, LIMIT_MOST, MOST_ACTORS = 50, 100, 25
REQUESTS, WINDOW = 3_000, timedelta(minutes=5)
SESSION_LENGTH = timedelta(hours=2)
IDENTIFIER, APP_PASSWORD = "beanandbond.test", "fake-pass-0001"
CREATE, REFRESH = "com.atproto.server.createSession", "com.atproto.server.refreshSession"


def xrpc_error(status: int, error: str, message: str) -> Reply:
    """An error: a name for machines, a sentence for people."""
    return Reply(status, {"error": error, "message": message})


def throttled() -> Reply:
    """The refusal of the rate limiter, without headers."""
    return xrpc_error(429, "RateLimitExceeded", "Rate Limit Exceeded")


class XrpcError(Refused):
    """Refuses with an XRPC error."""

    def __init__(self, status: int, error: str, message: str) -> None:
        super().__init__(xrpc_error(status, error, message))


class Gate:
    """Counts requests, knows sessions, reads parameters."""

    def __init__(self, tokens: Tokens, *, is_public: bool) -> None:
        self.tokens, self.is_public = tokens, is_public
        self.window = FixedWindow(REQUESTS, WINDOW)
        self.refresh_tokens: set[str] = set()
        self._given = 0

    def check(self, request: Request) -> Headers:
        """The rate headers of an allowed request; else raises Refused."""
        spent = self.window.take(request.arrived_at)
        headers = (
            ("RateLimit-Limit", str(spent.limit)),
            ("RateLimit-Remaining", str(spent.remaining)),
            ("RateLimit-Reset", str(int((spent.resets_at - EPOCH).total_seconds()))),
            ("RateLimit-Policy", f"{spent.limit};w={int(WINDOW.total_seconds())}"),
        )
        if spent.is_refused:
            raise Refused(throttled().with_headers(headers))
        self._authorise(request)
        return headers

    def _authorise(self, request: Request) -> None:
        is_session = request.path.removeprefix("/xrpc/") in (CREATE, REFRESH)
        token = bearer(request)
        if is_session or (token is None and self.is_public):
            return
        if token is None:
            raise XrpcError(401, "AuthMissing", "Authentication Required")
        grant = self.tokens.grants.get(token)
        if grant is None:
            raise XrpcError(400, "InvalidToken", "Token could not be verified")
        if grant.expires_at is not None and grant.expires_at <= request.arrived_at:
            raise XrpcError(400, "ExpiredToken", "Token has expired")

    def session(self, nsid: str, request: Request, did: str) -> Reply | None:
        """The reply of the two session calls; None for all others."""
        if request.method != "POST" or nsid not in (CREATE, REFRESH):
            return None
        body = request.json() or {}
        if nsid == CREATE:
            is_known = body.get("identifier") in (IDENTIFIER, did)
            if not is_known or body.get("password") != APP_PASSWORD:
                raise XrpcError(401, "AuthenticationRequired", "Invalid identifier or password")
        elif (bearer(request) or "") not in self.refresh_tokens:
            raise XrpcError(400, "ExpiredToken", "Token has been revoked")
        else:
            self.refresh_tokens.discard(bearer(request) or "")
        access, refresh = (
            self._token(kind, did, request.arrived_at) for kind in ("access", "refresh")
        )
        self.tokens.add(access, ["atproto"], request.arrived_at + SESSION_LENGTH)
        self.refresh_tokens.add(refresh)
        tokens = {"accessJwt": access, "refreshJwt": refresh}
        return Reply(200, {"did": did, "handle": IDENTIFIER, "active": True} | tokens)

    def _token(self, kind: str, did: str, now: datetime) -> str:
        """A token in the form of a JWT; nobody verifies its signature."""
        self._given += 1
        expires = int((now + SESSION_LENGTH - EPOCH).total_seconds())
        claims = {"scope": f"com.atproto.{kind}", "sub": did, "exp": expires, "jti": self._given}
        parts: list[dict[str, Any]] = [{"alg": "HS256", "typ": "at+jwt"}, claims]
        texts = [_encoded(json.dumps(part).encode()) for part in parts]
        return ".".join((*texts, _encoded(bytes.fromhex(stable_hex(kind, self._given)))))

    def required(self, request: Request, name: str) -> str:
        """A parameter that must be there."""
        value = request.one(name)
        if not value:
            message = f'Error: Params must have the property "{name}"'
            raise XrpcError(400, "InvalidRequest", message)
        return value

    def number(self, request: Request, name: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        text = request.one(name, str(default))
        if not text.lstrip("-").isdigit():
            raise XrpcError(400, "InvalidRequest", f"Error: {name} must be an integer")
        value = int(text)
        if not least <= value <= most:
            bound = f"less than {least}" if value < least else f"greater than {most}"
            raise XrpcError(400, "InvalidRequest", f"Error: {name} can not be {bound}")
        return value

    def limit(self, request: Request, *, is_host: bool = False) -> int:
        """The page size; a repository's host stumbles over one that is too high, with 500."""
        text = request.one("limit", str(LIMIT_DEFAULT))
        if is_host and text.isdigit() and int(text) > LIMIT_MOST:
            raise XrpcError(500, "InternalServerError", "Internal Server Error")
        return self.number(request, "limit", LIMIT_DEFAULT, 1, LIMIT_MOST)


def _encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
