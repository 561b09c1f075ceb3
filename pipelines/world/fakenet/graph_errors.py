"""Errors of the Graph API: one object below `error`, status 400 even for most refusals."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipelines.world.fakenet.facade import Headers, Refused, Reply, stable_hex

OAUTH, GRAPH_METHOD = "OAuthException", "GraphMethodException"
EXPIRED, PASSWORD_CHANGED, NOT_INSTALLED, INVALID = 463, 460, 458, 467  # subcodes of 190
THROTTLES = {
    4: "(#4) Application request limit reached",
    17: "(#17) User request limit reached",
    32: "(#32) Page request limit reached",
    613: "(#613) Calls to this api have exceeded the rate limit.",
    80001: "(#80001) There have been too many calls to this Page account. Wait a bit and try "
    "again. For more info, please refer to "
    "https://developers.facebook.com/docs/graph-api/overview/rate-limiting.",
    80002: "(#80002) There have been too many calls to this Instagram account. Wait a bit and try "
    "again. For more info, please refer to "
    "https://developers.facebook.com/docs/graph-api/overview/rate-limiting.",
}
TRANSIENT = {
    1: "An unknown error occurred",
    2: "Service temporarily unavailable",
}
TOKEN_MESSAGES = {
    NOT_INSTALLED: "Error validating access token: The user has not authorized application 1.",
    PASSWORD_CHANGED: "Error validating access token: The session has been invalidated because "
    "the user changed their password or Facebook has changed the session for security reasons.",
    INVALID: "Error validating access token: The access token is invalid since the user has "
    "engaged the logout.",
}


def graph_error(
    code: int, message: str, *, subcode: int = 0, kind: str = OAUTH, status: int = 400,
    is_transient: bool | None = None, headers: Headers = (), **more: Any,
) -> Reply:  # fmt: skip
    """An error reply; `more`: keys that only some errors have."""
    error: dict[str, Any] = {"message": message, "type": kind, "code": code}
    if subcode:
        error["error_subcode"] = subcode
    if is_transient is not None:
        error["is_transient"] = is_transient
    trace = "A" + stable_hex("fbtrace", code, subcode, message)[:22]
    return Reply(status, {"error": {**error, **more, "fbtrace_id": trace}}, headers)


def parameter(message: str, subcode: int = 0) -> Refused:
    """100: a parameter, field or metric is wrong."""
    return Refused(graph_error(100, f"(#100) {message}", subcode=subcode))


def invalid_metric() -> Refused:
    """100: at least one metric of the list does not exist; nothing is answered."""
    return parameter("The value must be a valid insights metric")


def gone(object_id: str) -> Refused:
    """100 with subcode 33: deleted, hidden, never there, or not for this token."""
    message = (
        f"Unsupported get request. Object with ID '{object_id}' does not exist, cannot be loaded "
        "due to missing permissions, or does not support this operation. Please read the Graph "
        "API documentation at https://developers.facebook.com/docs/graph-api"
    )
    return Refused(graph_error(100, message, subcode=33, kind=GRAPH_METHOD))


def bad_path(path: str) -> Refused:
    """2500: no such path."""
    return Refused(graph_error(2500, f"Unknown path components: {path}"))


def syntax(message: str) -> Refused:
    """2500: the fields parameter cannot be read."""
    return Refused(graph_error(2500, f"Syntax error {message}"))


def bad_token(message: str, subcode: int = 0) -> Refused:
    """190: the token is no good."""
    challenge = f'OAuth "Facebook Platform" "invalid_token" "{message}"'
    return Refused(
        graph_error(190, message, subcode=subcode, headers=(("WWW-Authenticate", challenge),))
    )


def ended_token(subcode: int, ended_at: datetime, now: datetime) -> Refused:
    """190 with the reason the token ended."""
    expired = (
        f"Error validating access token: Session has expired on {_weekday(ended_at)}. "
        f"The current time is {_weekday(now)}."
    )
    return bad_token(TOKEN_MESSAGES.get(subcode, expired), subcode)


def no_token() -> Refused:
    """104: no token at all."""
    return Refused(graph_error(104, "An access token is required to request this resource."))


def permission(code: int, scope: str) -> Refused:
    """10 or 200: the token lacks a permission."""
    message = (
        f"(#{code}) This endpoint requires the '{scope}' permission or the token's owner must "
        "have granted it. Refer to "
        "https://developers.facebook.com/docs/apps/review/login-permissions for details."
    )
    return Refused(graph_error(code, message))


def throttled(code: int) -> Reply:
    """4, 17, 32, 613, 80001 or 80002: status 400, not 429."""
    return graph_error(code, THROTTLES[code], is_transient=True)


def transient(code: int) -> Reply:
    """1 or 2: status 500, try again."""
    return graph_error(code, TRANSIENT[code], is_transient=True, status=500)


def _weekday(instant: datetime) -> str:
    return instant.strftime("%A, %d-%b-%y %H:%M:%S UTC")
