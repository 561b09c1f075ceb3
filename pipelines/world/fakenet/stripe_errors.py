"""Errors in Stripe's shape: one object `error` with type, code, message and parameter."""

from __future__ import annotations

from typing import Any

from pipelines.world.fakenet.facade import Refused, Reply

INVALID = "invalid_request_error"
DOCS, LOG = "https://stripe.com/docs/error-codes", "https://dashboard.stripe.com/test/logs"


def error(status: int, message: str, code: str = "", param: str = "") -> Reply:
    """An error reply; keys without a value are left out, as Stripe does."""
    body: dict[str, Any] = {}
    if code:
        body |= {"code": code, "doc_url": f"{DOCS}/{code.replace('_', '-')}"}
    body["message"] = message
    if param:
        body["param"] = param
    return Reply(status, {"error": body | {"request_log_url": LOG, "type": INVALID}})


def no_key() -> Refused:
    """401: nothing was sent."""
    message = (
        "You did not provide an API key. You need to provide your API key in the Authorization "
        "header, using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
    )
    return Refused(error(401, message))


def bad_key(key: str) -> Refused:
    """401: never given out; the message shows both ends of the key only."""
    return Refused(error(401, f"Invalid API Key provided: {masked(key)}"))


def expired_key(key: str) -> Refused:
    """401: given out once, good no more."""
    return Refused(error(401, f"Expired API Key provided: {masked(key)}", "api_key_expired"))


def not_permitted(key: str) -> Refused:
    """403: a restricted key without that permission."""
    message = f"The provided key '{masked(key)}' does not have the required permissions."
    return Refused(error(403, message, "more_permissions_required"))


def masked(key: str) -> str:
    """The kind of the key and its last four characters."""
    head = key[:8] if key.startswith(("sk_test_", "rk_test_")) else ""
    return f"{head}{'*' * max(4, len(key) - len(head) - 4)}{key[-4:]}"


def bad_version(version: str) -> Refused:
    """400: no such version."""
    return Refused(error(400, f"Invalid Stripe API version: {version}"))


def missing(kind: str, object_id: str, param: str, status: int = 404) -> Refused:
    """404 for the object asked for, 400 for one that is only named."""
    message = f"No such {kind.replace('_', ' ')}: '{object_id}'"
    return Refused(error(status, message, "resource_missing", param))


def unknown_parameter(name: str) -> Refused:
    """400: the endpoint has no such parameter."""
    message = f"Received unknown parameter: {name}"
    return Refused(error(400, message, "parameter_unknown", name))


def bad_integer(name: str, value: str) -> Refused:
    """400: no whole number."""
    return Refused(error(400, f"Invalid integer: {value}", "parameter_invalid_integer", name))


def out_of_bounds(name: str, message: str) -> Refused:
    """400: a number beyond what is allowed."""
    return Refused(error(400, message, "parameter_invalid_integer", name))


def no_route(method: str, path: str) -> Refused:
    """404: no such endpoint."""
    return Refused(error(404, f"Unrecognized request URL ({method}: {path})."))


def rate_limited() -> Reply:
    """429: too many requests."""
    return error(429, "Request rate limit exceeded.", "rate_limit")


def locked() -> Reply:
    """429 of another kind: somebody else holds the object; asking again soon is right."""
    message = (
        "This object cannot be accessed right now because another API request or Stripe process "
        "is currently accessing it."
    )
    return error(429, message, "lock_timeout").with_headers((("Stripe-Should-Retry", "true"),))
