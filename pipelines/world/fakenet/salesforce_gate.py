"""What Salesforce checks first: the session, the version, the org's calls of a day; and logins."""

from __future__ import annotations

import re
from datetime import timedelta
from urllib.parse import parse_qsl

from pipelines.world.fakenet import salesforce_errors as errors
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
from pipelines.world.fakenet.rates import RollingWindow
from pipelines.world.fakenet.salesforce_catalogue import OBJECTS

SESSION, CLIENT_ID, CLIENT_SECRET = "00DfakeSession0001", "3MVGfake0001", "secret-fake-sf-0001"
LOGIN_PATH = "/services/oauth2/token"
JWT_GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
CALLS_PER_DAY = 100_000
DAY = timedelta(days=1)
OLDEST_VERSION, NEWEST_VERSION = 31, 67  # v21.0 to v30.0 are retired
_VERSION = re.compile(r"^/services/data/v(\d+)\.0(/.*)?$")


class Gate:
    """Counts calls and knows sessions; a grant's scopes are the objects it may read."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens, self._given = tokens, 0
        self.window = RollingWindow(CALLS_PER_DAY, DAY)
        self.own_calls = 0
        self.foreign_calls = 0  # of other tools of the org, in the same day

    def path(self, request: Request) -> str:
        """What follows the version; raises Refused for sessions, versions and limits."""
        found = _VERSION.match(request.path)
        if found is None:
            raise errors.not_found()
        number = int(found[1])
        self._authorise(request)
        if number < OLDEST_VERSION:
            raise errors.version_ended()
        if number > NEWEST_VERSION:
            raise errors.not_found()
        spent = self.window.take(request.arrived_at)
        self.own_calls = spent.limit - spent.remaining
        if spent.is_refused or self.used > self.window.limit:
            raise Refused(errors.limit_exceeded())
        return found[2] or "/"

    @property
    def used(self) -> int:
        """Calls of the last 24 hours, by everybody."""
        return self.own_calls + self.foreign_calls

    def headers(self) -> Headers:
        """What every answer to a call says of the org's day."""
        return (("Sforce-Limit-Info", f"api-usage={self.used}/{self.window.limit}"),)

    def _authorise(self, request: Request) -> None:
        token = bearer(request)
        grant = self.tokens.grants.get(token or "")
        if grant is None:
            raise errors.no_session()
        if grant.expires_at is not None and grant.expires_at <= request.arrived_at:
            raise errors.no_session()

    def may_read(self, request: Request, name: str) -> bool:
        """The session's user may read this object."""
        return name in self.tokens.grants[bearer(request) or ""].scopes

    def login(self, request: Request) -> Reply:
        """A session for the client's credentials or a signed assertion."""
        fields = dict(parse_qsl(request.body.decode("utf-8", "replace")))
        grant = fields.get("grant_type")
        if request.method != "POST" or grant not in ("client_credentials", JWT_GRANT):
            return _refused("unsupported_grant_type", "grant type not supported")
        is_assertion = grant == JWT_GRANT and fields.get("assertion", "").count(".") == 2
        pair = (fields.get("client_id"), fields.get("client_secret"))
        if not is_assertion and pair != (CLIENT_ID, CLIENT_SECRET):
            return _refused("invalid_client", "invalid client credentials")
        self._given += 1
        token = f"00Dfake!{stable_hex('salesforce', self._given)[:24]}"
        self.tokens.add(token, OBJECTS)
        issued = str((request.arrived_at - EPOCH) // timedelta(milliseconds=1))
        return Reply(200, {
            "access_token": token, "instance_url": request.base_url, "token_type": "Bearer",
            "id": f"{request.base_url}/id/00Dfake/005fake", "issued_at": issued,
            "signature": stable_hex("signature", issued)[:44], "scope": "api",
        })  # fmt: skip


def _refused(code: str, text: str) -> Reply:
    return Reply(400, {"error": code, "error_description": text})
