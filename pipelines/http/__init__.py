"""The HTTP kernel: every outgoing request of every source goes through `Kernel.fetch`.

    service = Service("x", Origins("https://api.x.com"), rates={"": Rate(900, 900)})
    kernel = Kernel(service, ledger, clock=clock, rng=rng, token=StaticToken(secret))
    posts = Request("posts", "/2/users/{id}/tweets", {"id": "7"}, page_size=100, ...)
    guard = PageGuard("x", "posts", service.limits)
    for page in pages(kernel.fetch, posts, next_token("pagination_token"), guard): page.rows

A source declares a `Service` and builds `Request`s; it gets `Answer`s, or one of two exceptions:
`SourceFailed` (a person is needed) and `SourceStopped` (budget or cap: keep what was read, end
`partial`). No library of HTTP is imported outside this package.
"""

from pipelines.http.assertion import jwt_assertion
from pipelines.http.body import are_too_complex
from pipelines.http.budget import Allowance, Budget, Purse, Spend
from pipelines.http.classify import (
    DropField,
    Fatal,
    Gone,
    Ok,
    Outcome,
    QuotaStop,
    RefreshAuth,
    Retry,
    SkipItem,
    Split,
    default_outcome,
)
from pipelines.http.failures import SourceFailed, SourceStopped
from pipelines.http.kernel import Kernel
from pipelines.http.ledger import HTTP_TABLES, RequestLedger
from pipelines.http.limits import Limits
from pipelines.http.many import fetch_many, fetch_split
from pipelines.http.mask import Masker, Secret, masked_logs
from pipelines.http.origin import Origins
from pipelines.http.paging import (
    BodyCursor,
    BodyLink,
    LastRow,
    LinkHeader,
    Offset,
    PageGuard,
    Paginator,
    next_token,
    pages,
)
from pipelines.http.records import Answer, Exchange, Failure, Reply, Request, at
from pipelines.http.service import Service
from pipelines.http.sessions import SessionToken
from pipelines.http.throttle import Rate, RateHeaders, RateSignal
from pipelines.http.tokens import (
    Anonymous,
    Credentials,
    OAuthToken,
    StaticToken,
    TokenProvider,
)
from pipelines.http.waits import ResetForm, next_day, next_month, server_time

__all__ = [
    "HTTP_TABLES",
    "Allowance",
    "Anonymous",
    "Answer",
    "BodyCursor",
    "BodyLink",
    "Budget",
    "Credentials",
    "DropField",
    "Exchange",
    "Failure",
    "Fatal",
    "Gone",
    "Kernel",
    "LastRow",
    "Limits",
    "LinkHeader",
    "Masker",
    "OAuthToken",
    "Offset",
    "Ok",
    "Origins",
    "Outcome",
    "PageGuard",
    "Paginator",
    "Purse",
    "QuotaStop",
    "Rate",
    "RateHeaders",
    "RateSignal",
    "RefreshAuth",
    "Reply",
    "Request",
    "RequestLedger",
    "ResetForm",
    "Retry",
    "Secret",
    "Service",
    "SessionToken",
    "SkipItem",
    "SourceFailed",
    "SourceStopped",
    "Spend",
    "Split",
    "StaticToken",
    "TokenProvider",
    "are_too_complex",
    "at",
    "default_outcome",
    "fetch_many",
    "fetch_split",
    "jwt_assertion",
    "masked_logs",
    "next_day",
    "next_month",
    "next_token",
    "pages",
    "server_time",
]
