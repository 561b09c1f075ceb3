"""Errors in HubSpot's shape: one object with status, message, category and a correlation id."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pipelines.world.fakenet.facade import Refused, Reply, stable_hex

BAD_TOKEN_STATUS = 530  # what the edge answers when it cannot make sense of the token


def correlation_id(*parts: object) -> str:
    """A UUID that depends on the parts only."""
    digits = stable_hex("correlation", *parts)
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32]))


def error(
    status: int, category: str, message: str, *, sub_category: str = "",
    context: dict[str, list[str]] | None = None, errors: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Reply:  # fmt: skip
    """An error reply; keys without a value are left out, as HubSpot does."""
    body: dict[str, Any] = {"status": "error", "message": message}
    body["correlationId"] = correlation_id(status, category, message)
    body["category"] = category
    if sub_category:
        body["subCategory"] = sub_category
    if context:
        body["context"] = context
    if errors:
        body["errors"] = errors
    return Reply(status, body | more)


def invalid(message: str, name: str = "", code: str = "INVALID") -> Refused:
    """400 VALIDATION_ERROR; `name`: the parameter or property at fault."""
    errors = [{"message": message, "code": code, "context": {"propertyName": [name]}}]
    return Refused(error(400, "VALIDATION_ERROR", message, errors=errors if name else None))


def not_found(what: str = "resource not found") -> Refused:
    """404 OBJECT_NOT_FOUND."""
    return Refused(error(404, "OBJECT_NOT_FOUND", what))


def unauthorized() -> Refused:
    """401: no token, or one that was never given out."""
    message = "Authentication credentials not found. This API supports OAuth 2.0 authentication."
    return Refused(error(401, "INVALID_AUTHENTICATION", message))


def expired(expired_at: datetime, now: datetime) -> Refused:
    """401: the token was good until `expired_at`."""
    age = int((now - expired_at).total_seconds())
    message = f"The OAuth token used to make this call expired {age} second(s) ago."
    context = {"expire time": [expired_at.isoformat()]}
    return Refused(error(401, "EXPIRED_AUTHENTICATION", message, context=context))


def missing_scopes(scope: str) -> Refused:
    """403: the token may not read this object type."""
    message = "This app hasn't been granted all required scopes to make this call."
    errors = [{"message": "One or more of the following scopes are required.",
               "context": {"requiredGranularScopes": [scope]}}]  # fmt: skip
    return Refused(error(403, "MISSING_SCOPES", message, errors=errors))


def bad_token() -> Refused:
    """530 with a page of the edge, not of the API."""
    page = b"<!DOCTYPE html><html><head><title>Error 530</title></head></html>"
    return Refused(Reply(BAD_TOKEN_STATUS, page, content_type="text/html;charset=utf-8"))


def rate_limited(policy: str) -> Reply:
    """429; `policy`: SECONDLY, TEN_SECONDLY_ROLLING or DAILY. No Retry-After, as HubSpot may."""
    message = f"You have reached your {policy.lower()} limit."
    return error(429, "RATE_LIMITS", message, errorType="RATE_LIMIT", policyName=policy)
