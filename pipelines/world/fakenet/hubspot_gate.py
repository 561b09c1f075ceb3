"""What HubSpot checks before it reads anything: token, scope, limits, length of the address."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from pipelines.world.fakenet import hubspot_errors as errors
from pipelines.world.fakenet.facade import Headers, Refused, Request, Tokens, bearer
from pipelines.world.fakenet.hubspot_catalogue import SCOPES
from pipelines.world.fakenet.hubspot_reads import Endpoint
from pipelines.world.fakenet.rates import FixedWindow, RollingWindow

TEN_SECONDS = timedelta(seconds=10)
REQUESTS_PER_TEN_SECONDS, SEARCHES_PER_SECOND, REQUESTS_PER_DAY = 100, 5, 250_000
INTERVAL = str(TEN_SECONDS // timedelta(milliseconds=1))
LONGEST_TARGET = 15_000  # characters of path and query


class Gate:
    """Counts requests and refuses those that are not allowed."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.burst = RollingWindow(REQUESTS_PER_TEN_SECONDS, TEN_SECONDS)
        self.searches = RollingWindow(SEARCHES_PER_SECOND, timedelta(seconds=1))
        self.daily = FixedWindow(REQUESTS_PER_DAY, timedelta(days=1))

    def check(self, request: Request, endpoint: Endpoint) -> Headers:
        """The rate headers of an allowed request (searches have none); else raises Refused."""
        if request.target_length > LONGEST_TARGET:
            raise Refused(
                errors.error(HTTPStatus.REQUEST_URI_TOO_LONG, "VALIDATION_ERROR", "URI too long")
            )
        self._authorise(request, endpoint)
        return self._count(request, endpoint)

    def _authorise(self, request: Request, endpoint: Endpoint) -> None:
        sent = request.headers.get("authorization", "")
        token = bearer(request)
        if token is None:
            raise errors.unauthorized()
        if not sent.isascii() or " " in token:
            raise errors.bad_token()
        grant = self.tokens.grants.get(token)
        if grant is None:
            raise errors.unauthorized()
        if grant.expires_at is not None and grant.expires_at <= request.arrived_at:
            raise errors.expired(grant.expires_at, request.arrived_at)
        scope = SCOPES[endpoint.object_type]
        if scope not in grant.scopes:
            raise errors.missing_scopes(scope)

    def _count(self, request: Request, endpoint: Endpoint) -> Headers:
        daily = self.daily.take(request.arrived_at)
        if daily.is_refused:
            raise Refused(errors.rate_limited("DAILY"))
        if endpoint.rest == ("search",):
            if self.searches.take(request.arrived_at).is_refused:
                raise Refused(errors.rate_limited("SECONDLY"))
            return ()
        burst = self.burst.take(request.arrived_at)
        headers = (
            ("X-HubSpot-RateLimit-Daily", str(daily.limit)),
            ("X-HubSpot-RateLimit-Daily-Remaining", str(daily.remaining)),
            ("X-HubSpot-RateLimit-Interval-Milliseconds", INTERVAL),
            ("X-HubSpot-RateLimit-Max", str(burst.limit)),
            ("X-HubSpot-RateLimit-Remaining", str(burst.remaining)),
        )  # fmt: skip
        if burst.is_refused:
            raise Refused(errors.rate_limited("TEN_SECONDLY_ROLLING").with_headers(headers))
        return headers
