"""Errors in Salesforce's shape: an array of message and errorCode."""

from __future__ import annotations

from pipelines.world.fakenet.facade import Refused, Reply


def error(status: int, code: str, message: str) -> Reply:
    """An error reply."""
    return Reply(status, [{"message": message, "errorCode": code}])


def refuse(status: int, code: str, message: str) -> Refused:
    """Refuse with an error."""
    return Refused(error(status, code, message))


def no_session() -> Refused:
    """401: no token, an unknown one, or one that has ended; all look the same."""
    return refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")


def limit_exceeded() -> Reply:
    """403: the org has used its calls of 24 hours; nobody says when there are new ones."""
    return error(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")


def too_many_at_once() -> Reply:
    """403 of the same code: only the long requests at one moment are too many."""
    return error(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.")


def version_ended() -> Refused:
    """410: the version in the path is retired."""
    message = "The requested API version is no longer supported"
    return refuse(410, "UNSUPPORTED_API_VERSION", message)


def not_found() -> Refused:
    """404: no such resource or record."""
    return refuse(404, "NOT_FOUND", "The requested resource does not exist")


def malformed(soql: str) -> Refused:
    """400: no SOQL."""
    return refuse(400, "MALFORMED_QUERY", f"unexpected token: {soql[:40]}")


def no_type(name: str) -> Refused:
    """400: no such object, or none that this user may read; all look the same."""
    message = (
        f"\nSELECT Id FROM {name}\n               ^\nERROR at Row:1:Column:16\nsObject type "
        f"'{name}' is not supported. If you are attempting to use a custom object, be sure to "
        "append the '__c' after the entity name."
    )
    return refuse(400, "INVALID_TYPE", message)


def no_field(name: str, sobject: str) -> Refused:
    """400: no such field, or none that this user may read; all look the same."""
    message = (
        f"\nSELECT {name} FROM {sobject}\n       ^\nERROR at Row:1:Column:8\nNo such column "
        f"'{name}' on entity '{sobject}'. If you are attempting to use a custom field, be sure to "
        "append the '__c' after the custom field name."
    )
    return refuse(400, "INVALID_FIELD", message)
