"""What LinkedIn checks first: token, version, protocol, permission, quota, length, parameters."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, unquote

from pipelines.world.fakenet.facade import (
    Refused,
    Reply,
    Request,
    Tokens,
    bearer,
    stable_hex,
)
from pipelines.world.fakenet.linkedin_restli import MalformedError, parse, query_of
from pipelines.world.fakenet.rates import FixedWindow

TOKEN, TOKEN_LIFETIME = "li-fake-0001", timedelta(days=60)
REFRESH_TOKEN, REFRESH_LIFETIME = "li-refresh-0001", timedelta(days=365)
REFRESH_PATH = "/oauth/v2/accessToken"
SOCIAL, ADMIN, FOLLOWERS = (
    "r_organization_social",
    "rw_organization_admin",
    "r_organization_followers",
)
PROTOCOL, NEWEST_VERSION = "2.0.0", "202607"
# When versions end; others on the fifteenth of the same month a year later.
ENDS = {"202601": datetime(2027, 1, 15, tzinfo=UTC), "202603": datetime(2027, 3, 16, tzinfo=UTC)}
LONGEST_QUERY = 4_096  # bytes; longer ones must be tunnelled
FORM, OVERRIDE = "application/x-www-form-urlencoded", "x-http-method-override"
COUNT_DEFAULT, COUNT_MOST = 10, 100
DAY = timedelta(days=1)


def error(status: int, code: str, message: str, service_code: int = 0) -> Reply:
    """An error reply."""
    service = {"serviceErrorCode": service_code} if service_code else {}
    return Reply(status, {"status": status, **service, "code": code, "message": message})


def refuse(status: int, code: str, message: str, service_code: int = 0) -> Refused:
    """Refuse with an error."""
    return Refused(error(status, code, message, service_code))


def bad_parameter(name: str) -> Refused:
    """400: a parameter is not written as Rest.li wants it."""
    return refuse(400, "ILLEGAL_ARGUMENT", f"Invalid query parameters passed to request: {name}")


def not_found(what: str) -> Refused:
    """404: there is none, or no more."""
    return refuse(404, "NOT_FOUND", f"Could not find entity {what}")


def throttled() -> Reply:
    """429: the day's quota of this resource is used up."""
    message = "Resource level throttle APPLICATION DAY limit for calls to this resource is reached."
    return error(429, "TOO_MANY_REQUESTS", message, 101)


def is_active(version: str, now: datetime) -> bool:
    """The version is served at `now`: it exists already and has not ended yet."""
    if not re.fullmatch(r"20\d\d(0[1-9]|1[0-2])", version):
        return False
    year, month = int(version[:4]), int(version[4:])
    ends = ENDS.get(version, datetime(year + 1, month, 15, tzinfo=UTC))
    return version <= max(NEWEST_VERSION, f"{now:%Y%m}") and now < ends


@dataclass(frozen=True)
class Call:
    """A request that passed the gate: path taken apart, still encoded; query values as sent."""

    path: tuple[str, ...]
    query: dict[str, str]
    now: datetime
    address: str  # path as sent, for links

    def one(self, name: str) -> str:
        """A plain parameter, decoded; empty without it."""
        return unquote(self.query.get(name, ""))

    def complex(self, name: str) -> Any:
        """A list or record; raises Refused when it does not arrive as such. None without it."""
        if name not in self.query:
            return None
        try:
            value = parse(self.query[name])
        except MalformedError:
            raise bad_parameter(name) from None
        if isinstance(value, str):
            raise bad_parameter(name)
        return value

    def urns(self, name: str) -> list[str]:
        """A list of URNs; raises Refused when it is none."""
        value = self.complex(name)
        if not isinstance(value, list) or not all(isinstance(urn, str) for urn in value):
            raise bad_parameter(name)
        return value

    def number(self, name: str, default: int, most: int | None = None) -> int:
        """A whole number from 0 to `most`; raises Refused outside."""
        text = self.query.get(name, str(default))
        if not text.isascii() or not text.isdigit() or (most is not None and int(text) > most):
            raise bad_parameter(name)
        return int(text)


class Gate:
    """Counts requests per resource and day, and knows tokens."""

    def __init__(self, tokens: Tokens, daily_requests: int) -> None:
        self.tokens, self._given = tokens, 0
        self.windows: dict[str, FixedWindow] = defaultdict(lambda: FixedWindow(daily_requests, DAY))

    def call(self, request: Request) -> Call:
        """The request taken apart; raises Refused for a bad token, version or address."""
        self._authorise(request)
        self._version(request)
        address, _, raw = request.target.partition("?")
        if request.method == "POST" and request.headers.get(OVERRIDE, "").upper() == "GET":
            if request.headers.get("content-type", "").partition(";")[0] != FORM:
                raise refuse(400, "ILLEGAL_ARGUMENT", f"A tunnelled query must be {FORM}")
            raw = request.body.decode("utf-8", "replace")
        elif request.method != "GET":
            raise refuse(405, "METHOD_NOT_ALLOWED", f"No {request.method} here")
        elif len(raw) > LONGEST_QUERY:
            raise refuse(414, "URI_TOO_LONG", "Request URI is too long: use query tunneling")
        path = tuple(part for part in address.removeprefix("/rest").split("/") if part)
        if not address.startswith("/rest/") or not path:
            raise refuse(404, "RESOURCE_NOT_FOUND", f"No virtual resource found for {address}")
        return Call(path, query_of(raw), request.now, f"{request.base_url}{address}")

    def _authorise(self, request: Request) -> None:
        token = bearer(request)
        if token is None:
            raise refuse(401, "EMPTY_ACCESS_TOKEN", "Empty oauth2 access token", 65604)
        grant = self.tokens.grants.get(token)
        if grant is None:
            raise refuse(401, "INVALID_ACCESS_TOKEN", "Invalid access token", 65600)
        if grant.expires_at is not None and grant.expires_at <= request.arrived_at:
            message = "The token used in the request has expired"
            raise refuse(401, "EXPIRED_ACCESS_TOKEN", message, 65602)

    def refreshed(self, request: Request) -> Reply:
        """A new token for the refresh token, which only approved applications have."""
        fields = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        is_right = fields.get("grant_type") == "refresh_token"
        if request.method != "POST" or not is_right:
            body = {"error": "invalid_request", "error_description": "grant_type is missing"}
            return Reply(400, body)
        if fields.get("refresh_token") != REFRESH_TOKEN:
            body = {"error": "invalid_grant", "error_description": "Refresh token is invalid"}
            return Reply(400, body)
        self._given += 1
        token = f"li-fake-{stable_hex('linkedin', self._given)[:12]}"
        scopes = (SOCIAL, ADMIN, FOLLOWERS)
        self.tokens.add(token, scopes, request.arrived_at + TOKEN_LIFETIME)
        answer = {
            "access_token": token, "expires_in": int(TOKEN_LIFETIME.total_seconds()),
            "refresh_token": REFRESH_TOKEN, "scope": ",".join(scopes),
            "refresh_token_expires_in": int(REFRESH_LIFETIME.total_seconds()),
        }  # fmt: skip
        return Reply(200, answer)

    def _version(self, request: Request) -> None:
        version = request.headers.get("linkedin-version", "")
        if not version:
            message = "A version must be present. Please specify a version by adding the "
            raise refuse(400, "VERSION_MISSING", f"{message}Linkedin-Version header.")
        if not is_active(version, request.arrived_at):
            message = f"Requested version {version}01 is not active"
            raise refuse(426, "NONEXISTENT_VERSION", message)
        if request.headers.get("x-restli-protocol-version") != PROTOCOL:
            message = f"Rest.li protocol version must be {PROTOCOL}"
            raise refuse(400, "ILLEGAL_ARGUMENT", message)

    def permit(self, request: Request, call: Call, scope: str, known: Collection[str]) -> None:
        """Raises Refused without the permission, above the quota, for unknown parameters."""
        resource = call.path[0]
        if self.windows[resource].take(request.arrived_at).is_refused:
            raise Refused(throttled())
        grant = self.tokens.grants[bearer(request) or ""]
        if scope not in grant.scopes:
            message = f"Not enough permissions to access: GET /{resource}"
            raise refuse(403, "ACCESS_DENIED", message, 100)
        if unknown := [f"/{name}" for name in call.query if name not in known]:
            message = "Unpermitted fields present in PARAMETER: Data Processing Exception while "
            raise refuse(
                403, "ACCESS_DENIED", f"{message}processing fields [{', '.join(unknown)}]", 100
            )
