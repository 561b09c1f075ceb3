"""Problems in X's shape: refusals with a title and a type, and those that stand beside data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pipelines.world.fakenet.facade import Refused, Reply
from pipelines.world.fakenet.x_names import POST, TWEET, Dialect

PROBLEMS = POST.problems
JSON = "application/json; charset=utf-8"
Problem = dict[str, Any]


def _reply(status: int, body: Problem) -> Reply:
    return Reply(status, body, (), JSON)


def _plain(status: int, title: str, detail: str = "") -> Reply:
    body = {"title": title, "detail": detail or title, "type": "about:blank", "status": status}
    return _reply(status, body)


def unauthorized() -> Refused:
    """401: no token, an unknown one, or one that has ended."""
    return Refused(_plain(401, "Unauthorized"))


def forbidden() -> Refused:
    """403: the token lacks a scope."""
    return Refused(_plain(403, "Forbidden"))


def not_found() -> Refused:
    """404: no such path."""
    return Refused(_plain(404, "Not Found"))


def client_forbidden() -> Refused:
    """403: the app may not use this endpoint at all; asking again does not help."""
    return Refused(_reply(403, {
        "client_id": "1", "title": "Client Forbidden", "reason": "client-not-enrolled",
        "required_enrollment": "Appropriate Level of API Access",
        "detail": "When authenticating requests to the API v2 endpoints, you must use keys and "
        "tokens from a developer App that is attached to a Project.",
        "registration_url": "https://developer.x.com/en/docs/projects/overview",
        "type": f"{PROBLEMS}/client-forbidden",
    }))  # fmt: skip


def unsupported(*, is_user: bool) -> Refused:
    """403: a user's token (`is_user`) where an app's is needed, or the other way round."""
    names = ("OAuth 2.0 Application-Only", "OAuth 2.0 User Context")
    return Refused(_reply(403, {
        "title": "Unsupported Authentication", "status": 403,
        "detail": f"Authenticating with {names[is_user]} is forbidden for this endpoint. "
        f"Supported authentication types are [{names[not is_user]}].",
        "type": f"{PROBLEMS}/unsupported-authentication",
    }))  # fmt: skip


def invalid(message: str, parameters: Mapping[str, list[str]]) -> Refused:
    """400: a parameter is unknown, missing or out of bounds."""
    return Refused(_reply(400, {
        "errors": [{"parameters": dict(parameters), "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}/invalid-request",
    }))  # fmt: skip


def rate_limited(*, is_legacy: bool = False) -> Reply:
    """429 until the window ends, in today's words or in those of the first version."""
    if is_legacy:
        return _reply(429, {"errors": [{"code": 88, "message": "Rate limit exceeded"}]})
    return _plain(429, "Too Many Requests")


def usage_capped() -> Reply:
    """429 until the month ends; the rate headers still show room."""
    return _reply(429, {
        "account_id": 1, "product_name": "standard-basic", "title": "UsageCapExceeded",
        "period": "Monthly", "scope": "Product",
        "detail": "Usage cap exceeded: Monthly product cap",
        "type": f"{TWEET.problems}/usage-capped",  # in the old place whatever the dialect
    })  # fmt: skip


def missing(dialect: Dialect, kind: str, parameter: str, value: str, section: str = "") -> Problem:
    """Beside data: deleted, or never there. `kind`: `user`, `post` or `tweet`."""
    problem = {
        "value": value, "detail": f"Could not find {kind} with {parameter}: [{value}].",
        "title": "Not Found Error", "resource_type": kind, "parameter": parameter,
        "resource_id": value, "type": f"{dialect.problems}/resource-not-found",
    }  # fmt: skip
    return problem | ({"section": section} if section else {})


def hidden(
    dialect: Dialect, kind: str, parameter: str, value: str, section: str = "data"
) -> Problem:
    """Beside data: its author is protected."""
    return {
        "resource_id": value, "parameter": parameter, "resource_type": kind, "section": section,
        "title": "Authorization Error", "value": value,
        "detail": f"Sorry, you are not authorized to see the {kind} with {parameter}: [{value}].",
        "type": f"{dialect.problems}/not-authorized-for-resource",
    }  # fmt: skip


def suspended(dialect: Dialect, parameter: str, value: str) -> Problem:
    """Beside data: X has closed the account."""
    return missing(dialect, "user", parameter, value) | {
        "title": "Forbidden", "detail": f"User has been suspended: [{value}].",
    }  # fmt: skip


def secret_field(dialect: Dialect, field: str, post_id: str) -> Problem:
    """Beside data: figures that only the author sees, and only for 30 days."""
    return {
        "resource_id": post_id, "parameter": field, "field": field, "resource_type": dialect.kind,
        "section": "data", "title": "Field Authorization Error",
        "detail": f"Sorry, you are not authorized to access '{field}' on the {dialect.kind} with "
        f"id : [{post_id}].",
        "type": f"{dialect.problems}/not-authorized-for-field",
    }  # fmt: skip
