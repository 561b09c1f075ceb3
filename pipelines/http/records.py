"""What goes into the kernel and what comes out of it, as records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from pipelines.http.mask import Secret

if TYPE_CHECKING:
    from pipelines.http.classify import Outcome


@dataclass(frozen=True)
class Request:
    """One request of a source.

    `path`: below the base, with placeholders (`/users/{id}/posts`); `values` fills them, so that
    the ledger can store the path without a value. `params`: query; `raw_query`: appended exactly as
    written, for APIs with an encoding of their own. `link`: an address the server gave, used
    instead of path and query. `json` or `form`: the body. `group`: endpoints that share a rate.
    `is_signed_download`: `link` carries its own right, no credential goes with it. `is_token`:
    `link` is a configured token endpoint.

    `rows_path`: where the rows are in the answer; () is the whole answer, None: no rows (raw
    bytes are fine). `may_lack_rows`: an answer without that key is an empty page, not an error.
    `object_id`: set when the request asks for one object, so that 404 means it is gone.

    `names_param`, `names`: a list of fields or metrics sent as one query parameter, of which
    invalid ones can be dropped. `size_param`, `page_size`, `smallest_page`: rows asked for, and how
    few the API allows. `unit_cost_micro`: price of one returned row with its expansions, in
    millionths of the currency's unit; `quota_cost`: calls that one attempt uses up.
    """

    resource: str
    path: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    method: str = "GET"
    params: tuple[tuple[str, str], ...] = ()
    raw_query: str = ""
    headers: Mapping[str, str | Secret] = field(default_factory=dict)
    json: Any = None
    form: tuple[tuple[str, str | Secret], ...] = ()
    link: str | None = None
    is_signed_download: bool = False
    is_token: bool = False
    group: str = ""
    rows_path: tuple[str, ...] | None = ("data",)
    may_lack_rows: bool = False
    object_id: str | None = None
    names_param: str = ""
    names: tuple[str, ...] = ()
    size_param: str = ""
    page_size: int | None = None
    smallest_page: int = 1
    unit_cost_micro: int = 0
    quota_cost: int = 1

    def with_param(self, name: str, value: str) -> Request:
        """The same request with one query parameter set anew."""
        kept = tuple(pair for pair in self.params if pair[0] != name)
        return replace(self, params=(*kept, (name, value)))

    def following(self, link: str) -> Request:
        """The request that follows a link of the server; its body and method stay."""
        return replace(self, link=link)

    def target(self) -> str:
        """Path and query below the base, as they go over the wire, without credentials."""
        path = self.path.format_map({k: quote(v, safe="") for k, v in self.values.items()})
        pairs = list(self.params)
        if self.names:
            pairs.append((self.names_param, ",".join(self.names)))
        if self.size_param and self.page_size is not None:
            pairs.append((self.size_param, str(self.page_size)))
        query = "&".join(filter(None, (urlencode(pairs, quote_via=quote), self.raw_query)))
        return path + (f"?{query}" if query else "")


@dataclass(frozen=True)
class Reply:
    """What a server answered. `headers`: names in lower case. `payload`: the JSON value of the
    body; `is_json` is False when the body is none.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    payload: Any = None
    is_json: bool = False

    def header(self, name: str) -> str | None:
        """A header, whatever the case of its name."""
        return self.headers.get(name.lower())


@dataclass(frozen=True)
class Failure:
    """Why there is no usable answer, in one word; never the library's own text, which may quote
    headers: connect, network, timeout, truncated, deadline, too_large, encoding, certificate,
    private_address, invalid.

    `may_be_billed`: the request may have reached the server.
    """

    kind: str
    may_be_billed: bool = True


@dataclass(frozen=True)
class Exchange:
    """One attempt: what was asked, and the reply or the failure."""

    request: Request
    reply: Reply | None = None
    failure: Failure | None = None


@dataclass(frozen=True)
class Answer:
    """What the kernel hands to a source.

    `request`: as it was sent last (names dropped, page shrunk). `outcome`: Ok, SkipItem, Gone or
    Split; only Ok has rows. `rows`: those within the limits of complexity; `too_complex`: the
    others, for the quarantine. `received_at`: UTC.
    """

    request: Request
    outcome: Outcome
    received_at: datetime
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    payload: Any = None
    rows: tuple[Any, ...] = ()
    too_complex: tuple[Any, ...] = ()


def at(payload: Any, path: tuple[str, ...]) -> Any:
    """The value at a path of keys; None where a key is missing."""
    for key in path:
        if not isinstance(payload, dict):
            return None
        payload = payload.get(key)
    return payload
