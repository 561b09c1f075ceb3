"""Tokens: what they look like on the wire, when they are renewed, and what a refusal costs."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qsl

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from pipelines.errors import ExitCode, RorError
from pipelines.http import (
    Exchange,
    OAuthToken,
    Ok,
    Origins,
    Outcome,
    RefreshAuth,
    Request,
    Secret,
    SourceFailed,
    StaticToken,
    default_outcome,
    fetch_many,
    jwt_assertion,
)
from tests.unit.http.server import Bench, Said, Seen

POSTS = Request("posts", "/posts")
PAGE = Said({"data": [1]})


def oauth(bench: Bench, **more: Any) -> OAuthToken:
    return OAuthToken(f"{bench.server.url}/token", "client-1", Secret("client-secret"), **more)


def granted(token: str, seconds: float | None = 1800, **more: Any) -> Said:
    life = {} if seconds is None else {"expires_in": seconds}
    return Said({"access_token": token, "token_type": "bearer", **life, **more})


class Portal:
    """A token endpoint and an API that accepts one token at a time."""

    def __init__(
        self, *tokens: str, accepts: tuple[str, ...], seconds: float | None = 1800
    ) -> None:
        self.left, self.accepts, self.seconds, self.forms = list(tokens), accepts, seconds, []

    def __call__(self, seen: Seen) -> Said:
        if seen.target == "/token":
            self.forms.append(seen.body.decode())
            return granted(self.left.pop(0), self.seconds)
        token = seen.headers.get("authorization", "").removeprefix("Bearer ")
        return PAGE if token in self.accepts else Said({"error": "expired"}, 401)


def test_fetch_when_static_token_then_as_bearer_or_as_another_header(bench: Bench) -> None:
    bench.say(PAGE)
    bench.kernel(token=StaticToken(Secret(" tok-1\n"))).fetch(POSTS)
    bench.kernel(token=StaticToken(Secret("tok-2"), "X-Api-Key", "")).fetch(POSTS)
    assert bench.seen[0].headers["authorization"] == "Bearer tok-1"
    assert bench.seen[1].headers["x-api-key"] == "tok-2"


def test_fetch_when_query_token_then_it_replaces_the_one_in_a_link(bench: Bench) -> None:
    bench.say(PAGE)
    kernel = bench.kernel(token=StaticToken(Secret("to/k&n"), param="access_token"))
    kernel.fetch(Request("posts", "/posts", params=(("limit", "5"),)))
    kernel.fetch(POSTS.following("/posts?access%5Ftoken=other&after=a&access_token=b"))
    assert bench.server.script.targets == [
        "/posts?limit=5&access_token=to%2Fk%26n",
        "/posts?after=a&access_token=to%2Fk%26n",
    ]


def test_static_token_when_empty_then_credential_error() -> None:
    with pytest.raises(RorError, match="the token is empty") as caught:
        StaticToken(Secret(" \n"))
    assert caught.value.code is ExitCode.CREDENTIAL


def test_fetch_when_static_token_is_refused_then_fatal_at_once(bench: Bench) -> None:
    bench.say(Said({"error": "x"}, 401))
    with pytest.raises(SourceFailed) as caught:
        bench.kernel(token=StaticToken(Secret("tok-1"))).fetch(POSTS)
    assert str(caught.value) == (
        "extract: x/posts: token refused (401); next: ror doctor --source x"
    )
    assert caught.value.code is ExitCode.CREDENTIAL
    assert len(bench.seen) == 1


def test_fetch_when_client_credentials_then_one_grant_for_many_requests(bench: Bench) -> None:
    portal = Portal("t1", accepts=("t1",))
    bench.say(portal)
    kernel = bench.kernel(token=oauth(bench, scope="read all"))
    for _ in range(3):
        assert kernel.fetch(POSTS).outcome == Ok()
    assert portal.forms == [
        "grant_type=client_credentials&scope=read+all&client_id=client-1&client_secret=client-secret"
    ]
    assert bench.server.script.targets == ["/token", "/posts", "/posts", "/posts"]
    rows = bench.ledger.take("requests")
    assert [(row["resource"], row["url_template"]) for row in rows[:2]] == [
        ("token", "token"),
        ("posts", "/posts"),
    ]


def test_fetch_when_client_proves_itself_in_the_header_then_basic(bench: Bench) -> None:
    bench.say(Portal("t1", accepts=("t1",)))
    bench.kernel(token=oauth(bench, is_basic=True)).fetch(POSTS)
    pair = base64.b64encode(b"client-1:client-secret").decode()
    assert bench.seen[0].headers["authorization"] == f"Basic {pair}"
    assert bench.seen[0].body == b"grant_type=client_credentials"


def test_fetch_when_token_ends_within_60_seconds_then_renewed_before(bench: Bench) -> None:
    portal = Portal("t1", "t2", "t3", accepts=("t1", "t2", "t3"), seconds=100)
    bench.say(portal)
    kernel = bench.kernel(token=oauth(bench))
    kernel.fetch(POSTS)
    bench.clock.sleep(39.9)  # 60.1 s of life are left
    kernel.fetch(POSTS)
    assert len(portal.forms) == 1
    bench.clock.sleep(0.1)
    kernel.fetch(POSTS)
    assert len(portal.forms) == 2


def test_fetch_when_token_expires_in_mid_run_then_refreshed_once_and_the_same_request(
    bench: Bench,
) -> None:
    portal = Portal("t1", "t2", accepts=("t1",))
    bench.say(portal)
    kernel = bench.kernel(token=oauth(bench))
    kernel.fetch(POSTS)
    portal.accepts = ("t2",)
    assert kernel.fetch(POSTS).rows == (1,)
    assert bench.outcomes() == ["ok", "ok", "refresh_auth", "ok", "ok"]
    portal.accepts = ()
    with pytest.raises(SourceFailed) as caught:
        kernel.fetch(POSTS)
    assert str(caught.value) == (
        "extract: x/posts: token refused (401) after 1 refresh; next: ror doctor --source x"
    )
    assert len(portal.forms) == 2


def test_fetch_many_when_all_workers_meet_a_401_then_one_refresh(bench: Bench) -> None:
    portal = Portal("t1", "t2", accepts=("t1",))
    bench.say(portal)
    kernel = bench.kernel(token=oauth(bench))
    kernel.fetch(POSTS)
    portal.accepts = ("t2",)
    answers = list(fetch_many(kernel.fetch, [POSTS] * 12, workers=4))
    assert all(answer.rows == (1,) for answer in answers)
    assert len(portal.forms) == 2


def test_fetch_when_refresh_token_rotates_then_the_new_one_is_handed_over_and_used(
    bench: Bench,
) -> None:
    kept: list[Secret] = []
    bench.say(granted("t1", 10, refresh_token="r2"), PAGE, granted("t2", 1800), PAGE)
    token = oauth(bench, refresh_token=Secret("r1"), on_rotated=kept.append)
    kernel = bench.kernel(token=token)
    kernel.fetch(POSTS)
    kernel.fetch(POSTS)  # ten seconds of life are less than sixty
    assert [secret.reveal() for secret in kept] == ["r2"]
    assert b"refresh_token=r1" in bench.seen[0].body
    assert b"refresh_token=r2" in bench.seen[2].body


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (Said({"error": "invalid_grant"}, 400), r"the token endpoint refused \(status 400\)"),
        (Said({"error": "invalid_client"}, 401), r"the token endpoint refused \(status 401\)"),
        (Said({"error": "no"}, 403), r"the token endpoint refused \(status 403\)"),
        (Said({"token_type": "bearer"}), "answered without a token"),
        (Said({"access_token": " "}), "answered without a token"),
        (Said(status=302, headers={"Location": "/elsewhere"}), "a redirect that is not followed"),
    ],
)
def test_fetch_when_token_endpoint_says_no_then_fatal(bench: Bench, said: Said, why: str) -> None:
    bench.say(said)
    with pytest.raises(SourceFailed, match=why):
        bench.kernel(token=oauth(bench)).fetch(POSTS)
    assert len(bench.seen) == 1


def test_fetch_when_token_endpoint_is_busy_then_retried(bench: Bench) -> None:
    bench.say(Said(status=503), granted("t1", None), PAGE)
    assert bench.kernel(token=oauth(bench)).fetch(POSTS).rows == (1,)


def test_fetch_when_expired_token_is_a_400_then_the_source_says_so(bench: Bench) -> None:
    def classify(exchange: Exchange) -> Outcome:
        reply = exchange.reply
        if reply is not None and reply.status == 400 and reply.payload["error"] == "ExpiredToken":
            return RefreshAuth()
        return default_outcome(exchange)

    bench.say(granted("t1"), Said({"error": "ExpiredToken"}, 400), granted("t2"), PAGE)
    assert bench.kernel(token=oauth(bench), classify=classify).fetch(POSTS).rows == (1,)


def test_fetch_when_login_assigns_a_foreign_instance_then_refused(bench: Bench) -> None:
    bench.say(granted("t1", instance_url="https://evil.example"))
    origins = Origins(bench.server.url, instance_suffixes=(".my.example.com",))
    with pytest.raises(SourceFailed, match=r"foreign instance: evil\.example"):
        bench.kernel(token=oauth(bench), origins=origins).fetch(POSTS)
    assert len(bench.seen) == 1


def decoded(part: str) -> Any:
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def test_fetch_when_assertion_then_signed_by_the_key_and_short_lived(bench: Bench) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    make = jwt_assertion(Secret(pem), {"iss": "client-1", "sub": "ann", "aud": "https://login"})
    bench.say(Portal("t1", accepts=("t1",)))
    bench.kernel(token=OAuthToken(f"{bench.server.url}/token", "", assertion=make)).fetch(POSTS)
    form = dict(parse_qsl(bench.seen[0].body.decode()))
    assert form.keys() == {"grant_type", "assertion"}
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    head, body, signature = form["assertion"].split(".")
    assert decoded(head) == {"alg": "RS256", "typ": "JWT"}
    issued = 1_795_140_000  # 2026-11-20 02:00 UTC
    assert decoded(body) == {
        "iss": "client-1", "sub": "ann", "aud": "https://login",
        "iat": issued, "exp": issued + 180,
    }  # fmt: skip
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    signed = f"{head}.{body}".encode()
    key.public_key().verify(raw, signed, padding.PKCS1v15(), hashes.SHA256())  # raises if not


def test_jwt_assertion_when_key_is_unreadable_then_credential_error_without_it() -> None:
    with pytest.raises(RorError, match="no RSA key") as caught:
        jwt_assertion(Secret("canary key"), {})
    assert caught.value.code is ExitCode.CREDENTIAL
    assert "canary" not in str(caught.value)
