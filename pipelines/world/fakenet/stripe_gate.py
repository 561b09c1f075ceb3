"""What Stripe checks first: key, version, rate; and how it reads parameters."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Collection
from datetime import timedelta

from pipelines.world.fakenet import stripe_errors as errors
from pipelines.world.fakenet.facade import (
    Headers,
    Refused,
    Request,
    Tokens,
    bearer,
    stable_hex,
)
from pipelines.world.fakenet.rates import RollingWindow
from pipelines.world.fakenet.stripe_bodies import VERSION

REQUESTS_PER_SECOND = 25  # of a test key
KEY = "sk_test_fake0001"
LIMIT_DEFAULT, LIMIT_MOST = 10, 100
COMPARISONS = {"gt": int.__gt__, "gte": int.__ge__, "lt": int.__lt__, "lte": int.__le__}
_PART = re.compile(r"^(\w+)\[(\w*)\]$")


class Gate:
    """Counts requests and knows keys; a grant's scopes are the kinds of objects it may read."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.window = RollingWindow(REQUESTS_PER_SECOND, timedelta(seconds=1))

    def headers(self, request: Request) -> Headers:
        """What every reply carries: a name of the request, and the version it was answered in."""
        digits = stable_hex("request", request.target, request.arrived_at)
        return (("Request-Id", f"req_{digits[:14]}"), ("Stripe-Version", VERSION))

    def check(self, request: Request, kind: str) -> None:
        """Raises Refused unless the request may read objects of this kind."""
        key = _key(request)
        if key is None:
            raise errors.no_key()
        grant = self.tokens.grants.get(key)
        if grant is None:
            raise errors.bad_key(key)
        if grant.expires_at is not None and grant.expires_at <= request.arrived_at:
            raise errors.expired_key(key)
        version = request.headers.get("stripe-version", VERSION)
        if version != VERSION:
            raise errors.bad_version(version)
        if self.window.take(request.arrived_at).is_refused:
            reason = ("Stripe-Rate-Limited-Reason", "global-rate")
            raise Refused(errors.rate_limited().with_headers((reason,)))
        if kind not in grant.scopes:
            raise errors.not_permitted(key)


def _key(request: Request) -> str | None:
    """The key as a bearer token, or as the name of basic authentication."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return bearer(request)
    try:
        return base64.b64decode(value).decode().partition(":")[0] or None
    except (binascii.Error, UnicodeDecodeError):
        return None


class Parameters:
    """The query taken apart: `created[gte]=1`, `types[0]=a`, `limit=3`."""

    def __init__(self, request: Request, known: Collection[str]) -> None:
        self.single: dict[str, str] = {}
        self.inner: dict[str, list[tuple[str, str]]] = {}
        for name, value in request.query:
            part = _PART.match(name)
            outer = part[1] if part else name
            if outer not in known:
                raise errors.unknown_parameter(outer)
            if part:
                self.inner.setdefault(outer, []).append((part[2], value))
            else:
                self.single[name] = value

    def many(self, name: str) -> list[str]:
        """The values of a list."""
        return [value for _, value in self.inner.get(name, ())]

    def limit(self) -> int:
        """The page size."""
        value = _whole("limit", self.single.get("limit", str(LIMIT_DEFAULT)))
        if value < 1:
            message = "This value must be greater than or equal to 1."
            raise errors.out_of_bounds("limit", message)
        if value > LIMIT_MOST:
            message = f"This value must be less than or equal to {LIMIT_MOST}."
            raise errors.out_of_bounds("limit", message)
        return value

    def allows(self, name: str, value: int) -> bool:
        """The number is what the parameter asks for: exactly, or within all its bounds."""
        if name in self.single and _whole(name, self.single[name]) != value:
            return False
        for comparison, bound in self.inner.get(name, ()):
            if comparison not in COMPARISONS:
                raise errors.unknown_parameter(f"{name}[{comparison}]")
            if not COMPARISONS[comparison](value, _whole(f"{name}[{comparison}]", bound)):
                return False
        return True


def _whole(name: str, text: str) -> int:
    if not re.fullmatch(r"-?\d+", text, re.ASCII):
        raise errors.bad_integer(name, text)
    return int(text)
