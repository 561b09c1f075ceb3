"""Requests go to the declared origins only; the foreign listener counts connections."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from pipelines.http import (
    BodyLink,
    LinkHeader,
    Origins,
    PageGuard,
    Request,
    Secret,
    SkipItem,
    SourceFailed,
    StaticToken,
    pages,
)
from pipelines.http.origin import ForeignOriginError, may_connect
from tests.unit.http.server import Bench, Said, Server

POSTS = Request("posts", "/posts")
PAGE = Said({"data": [{"id": "1"}]})
TOKEN = StaticToken(Secret("canary-token-1"))
API = Origins("https://api.example.com/v1", extra=("https://files.example.com",))


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("https://api.example.com/v1/a?b=c", "https://api.example.com/v1/a?b=c"),
        ("https://API.example.com:443/a", "https://api.example.com/a"),
        ("https://api.example.com./a", "https://api.example.com/a"),
        ("https://files.example.com/a", "https://files.example.com/a"),
        ("/v1/next?x=1#part", "https://api.example.com/v1/next?x=1"),
        ("?cursor=2", "https://api.example.com/v1/posts?cursor=2"),
        ("//api.example.com/a", "https://api.example.com/a"),
        ("https:///a", "https://api.example.com/a"),
    ],
)
def test_link_when_same_origin_then_rebuilt_from_the_declaration(link: str, expected: str) -> None:
    assert API.link(link, "https://api.example.com/v1/posts") == expected


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/a",
        "http://api.example.com/v1/a",
        "https://api.example.com:8443/a",
        "//evil.example/a",
        "https://api.example.com@evil.example/",
        "https://api.example.com\\@evil.example/",
        "https://api.example.com.evil.example/",
        "https://user:pw@api.example.com/",
        "https://127.0.0.1/a",
        "https://[::1]/a",
        "https://169.254.169.254/latest",
        "https://api.example.com/a b",
        "https://api.example.com/\r\nX: y",
        "https://аpi.example.com/",
        "https://api.example.com:99999/",
        "ftp://api.example.com/",
        "javascript:alert(1)",
    ],
)
def test_link_when_foreign_or_ambiguous_then_refused(link: str) -> None:
    with pytest.raises(ForeignOriginError):
        API.link(link, "https://api.example.com/v1/posts")


def test_origins_when_http_then_loopback_only() -> None:
    for address in ("http://127.0.0.1:8080", "http://localhost", "http://[::1]:1"):
        Origins(address)
    with pytest.raises(ForeignOriginError, match="http outside this machine"):
        Origins("http://api.example.com")


@pytest.mark.parametrize(
    ("host", "peer", "expected"),
    [
        ("api.example.com", "93.184.216.34", True),
        ("api.example.com", "2606:2800:220:1::1", True),
        ("api.example.com", "127.0.0.1", False),
        ("api.example.com", "10.1.2.3", False),
        ("api.example.com", "169.254.169.254", False),
        ("api.example.com", "100.64.0.1", False),
        ("api.example.com", "::1", False),
        ("api.example.com", "fe80::1%eth0", False),
        ("social.intranet", "10.1.2.3", True),
        ("localhost", "127.0.0.1", True),
        ("10.1.2.3", "10.1.2.3", True),
    ],
)
def test_may_connect_when_name_leads_somewhere_then_private_only_if_declared(
    host: str, peer: str, expected: bool
) -> None:
    assert may_connect(host, peer, ("social.intranet",)) is expected


def test_fetch_when_public_name_resolves_to_this_machine_then_nothing_is_sent(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = bench.server.server_port

    def resolve(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    bench.say(PAGE)
    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(SourceFailed, match="leads to a private address"):
        bench.kernel(origins=Origins("https://api.example.com")).fetch(POSTS)
    assert bench.seen == []


def test_assigned_when_login_names_an_instance_then_only_below_the_declared_suffix() -> None:
    origins = Origins("https://login.example.com/services", instance_suffixes=("my.example.com",))
    assert origins.assigned("https://acme.my.example.com").base == (
        "https://acme.my.example.com/services"
    )
    for address in ("https://evilmy.example.com", "http://acme.my.example.com", "https://evil.com"):
        with pytest.raises(ForeignOriginError):
            origins.assigned(address)


def refused(bench: Bench, foreign: Server, link: str, paginator: Any) -> SourceFailed:
    bench.say(Said({"data": [1], "next": link}, headers={"Link": f'<{link}>; rel="next"'}))
    foreign.script.say(PAGE)
    kernel = bench.kernel(token=TOKEN)
    with pytest.raises(SourceFailed) as caught:
        list(pages(kernel.fetch, POSTS, paginator, PageGuard("x", "posts")))
    return caught.value


@pytest.mark.parametrize("paginator", [BodyLink(("next",)), LinkHeader()])
def test_pages_when_next_is_foreign_then_0_bytes_are_sent_there(
    bench: Bench, foreign: Server, paginator: Any
) -> None:
    error = refused(bench, foreign, f"{foreign.url}/steal?secret-cursor=1", paginator)
    assert error.fault == "foreign_origin"
    assert str(error) == (
        "extract: x/posts: foreign origin: 127.0.0.1; next: check the address of x"
    )
    assert len(bench.seen) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_fetch_when_redirect_is_foreign_then_0_bytes_are_sent_there(
    bench: Bench, foreign: Server, status: int
) -> None:
    foreign.script.say(PAGE)
    bench.say(Said(status=status, headers={"Location": f"{foreign.url}/posts"}))
    with pytest.raises(SourceFailed, match="foreign origin"):
        bench.kernel(token=TOKEN).fetch(POSTS)
    assert bench.outcomes() == ["redirect"]


def test_fetch_when_three_redirects_within_the_origin_then_followed(bench: Bench) -> None:
    hops = [
        Said(status=302, headers={"Location": to}) for to in ("/a", f"{bench.server.url}/b", "c")
    ]
    bench.say(*hops, PAGE)
    assert bench.kernel(token=TOKEN).fetch(POSTS).rows == ({"id": "1"},)
    assert bench.server.script.targets == ["/posts", "/a", "/b", "/c"]
    assert {seen.headers["authorization"] for seen in bench.seen} == {"Bearer canary-token-1"}


def test_fetch_when_fourth_redirect_or_post_then_not_followed(bench: Bench) -> None:
    bench.say(Said(status=302, headers={"Location": "/again"}))
    with pytest.raises(SourceFailed, match="a redirect that is not followed"):
        bench.kernel().fetch(POSTS)
    assert len(bench.seen) == 4
    with pytest.raises(SourceFailed, match="a redirect that is not followed"):
        bench.kernel().fetch(Request("search", "/search", method="POST", json={}))
    assert len(bench.seen) == 5


def test_fetch_when_path_would_leave_the_origin_then_refused(bench: Bench) -> None:
    bench.say(PAGE)
    for path in ("@evil.example/a", ":1/a", ".evil.example/a"):
        with pytest.raises(SourceFailed):
            bench.kernel().fetch(Request("posts", path))
    assert bench.seen == []


def test_fetch_when_signed_download_then_no_credential_goes_with_it(bench: Bench) -> None:
    bench.say(Said(raw=b"1;2\n", headers={"Content-Type": "text/csv"}), Said(status=401))
    origins = Origins("https://api.example.com", download_hosts=("127.0.0.1",))
    kernel = bench.kernel(origins=origins, token=TOKEN, headers={"X-Key": "canary"})
    link = f"{bench.server.url}/file?signature=s"
    signed = Request("job", link=link, is_signed_download=True, rows_path=None)
    assert kernel.fetch(signed).body == b"1;2\n"
    assert kernel.fetch(signed).outcome == SkipItem("download_expired")
    for seen in bench.seen:
        assert "authorization" not in seen.headers
        assert "x-key" not in seen.headers
    assert [row["url_template"] for row in bench.ledger.take("requests")] == ["job", "job"]


def test_fetch_when_download_host_is_not_declared_then_refused(
    bench: Bench, foreign: Server
) -> None:
    signed = Request("job", link=f"{foreign.url}/f", is_signed_download=True, rows_path=None)
    with pytest.raises(SourceFailed, match="foreign download host"):
        bench.kernel(origins=Origins("https://api.example.com")).fetch(signed)
