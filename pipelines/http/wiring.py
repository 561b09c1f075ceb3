"""Turns a request into what goes over the wire: checked address, headers, body, credentials."""

from __future__ import annotations

import json
from urllib.parse import quote, unquote_plus, urlencode

from pipelines.http.mask import Secret
from pipelines.http.origin import Origins, split
from pipelines.http.records import Request
from pipelines.http.service import Service
from pipelines.http.tokens import Credentials
from pipelines.http.transport import Wire

COMMON_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate",
    "User-Agent": "ror-warehouse",
}


def wire_of(
    request: Request, service: Service, origins: Origins, credentials: Credentials, current: str
) -> Wire:
    """The wire form of a request. Raises ForeignOriginError.

    `current`: the address that a redirect starts from; "": links start from the request's own path.
    Signed downloads and token endpoints get neither the source's credentials nor its headers.
    """
    headers: dict[str, str | Secret] = dict(COMMON_HEADERS)
    if request.is_signed_download:
        url = origins.download(request.link or "")
    elif request.is_token:
        origin, target = split(request.link or "")
        url = origin.url(target)
    else:
        home = origins.home(request.target())
        url = origins.link(request.link or home, current or home)
        url = _with_params(url, credentials)
        headers |= {**service.headers, **credentials.headers}
    headers |= request.headers
    body: bytes | None = None
    if request.json is not None:
        body = json.dumps(request.json, ensure_ascii=False, default=_plain).encode()
        headers["Content-Type"] = "application/json"
    elif request.form:
        body = urlencode([(name, _plain(value)) for name, value in request.form]).encode()
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    return Wire(request.method, url, {n: _plain(v) for n, v in headers.items()}, body)


def _plain(value: str | Secret) -> str:
    return value.reveal() if isinstance(value, Secret) else value


def _with_params(url: str, credentials: Credentials) -> str:
    """The address with the credentials' parameters: ours instead of those a link brought along."""
    if not credentials.params:
        return url
    path, _, query = url.partition("?")
    kept = [
        part
        for part in query.split("&")
        if part and unquote_plus(part.partition("=")[0]) not in credentials.params
    ]
    ours = [f"{quote(k)}={quote(v.reveal(), safe='')}" for k, v in credentials.params.items()]
    return f"{path}?{'&'.join(kept + ours)}"
