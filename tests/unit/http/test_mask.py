"""A canary secret in every place where it could show."""

from __future__ import annotations

import base64
import json
import logging
import pickle
import traceback
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import RorError
from pipelines.http import (
    HTTP_TABLES,
    Exchange,
    Fatal,
    Masker,
    OAuthToken,
    Outcome,
    Request,
    Secret,
    StaticToken,
    default_outcome,
    masked_logs,
)
from pipelines.http.transport import Wire
from tests.unit.http.server import Bench, Said

CANARY = 'can:ary/s3cret+"&é=='
POSTS = Request("posts", "/posts")


def forms(value: str) -> set[str]:
    return {
        value,
        quote(value, safe=""),
        quote(value),
        quote_plus(value),
        json.dumps(value)[1:-1],
        base64.b64encode(value.encode()).decode(),
        base64.b64encode(f"client-1:{value}".encode()).decode(),
    }


def test_secret_when_shown_in_any_way_then_three_stars() -> None:
    secret = Secret(CANARY)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>5}", repr({"a": [secret]})]
    assert shown == ["***", "***", "***", "  ***", "{'a': [***]}"]
    assert pickle.loads(pickle.dumps(secret)).reveal() == "***"
    assert secret.reveal() == CANARY
    holders = [
        StaticToken(secret),
        OAuthToken("https://h/t", "c", secret, secret),
        Request("token", form=(("client_secret", secret),), headers={"A": secret}),
        Wire("GET", f"https://h/?t={CANARY}", {"A": CANARY}, CANARY.encode()),
    ]
    assert [h for h in holders if CANARY in repr(h)] == []


@given(st.text(min_size=4), st.text(), st.text())
def test_masker_when_secret_travels_in_any_form_then_it_is_gone(
    value: str, before: str, after: str
) -> None:
    secret, masker = Secret(value), Masker()
    masker.register(secret, "client-1")
    if not secret.reveal():
        return
    for form in forms(secret.reveal()):
        assert masker.text(form) == "***"
        assert form not in masker.text(f"{before}={form}") or form in "***"


def test_masker_when_value_is_nested_then_masked_everywhere() -> None:
    masker = Masker()
    masker.register(Secret("tok-12345"))
    assert masker.value({"tok-12345": ["a tok-12345", ("tok-12345", 7, None)]}) == {
        "***": ["a ***", ("***", 7, None)]
    }


def test_masker_when_one_secret_holds_another_then_no_rest_shows() -> None:
    masker = Masker()
    masker.register(Secret("abcd"))
    masker.register(Secret("abcdefgh"))
    assert masker.text("abcdefgh abcd") == "*** ***"


def test_masker_when_secret_is_empty_then_texts_stay() -> None:
    masker = Masker()
    masker.register(Secret(""))
    assert masker.text("text") == "text"


def shows(text: str) -> list[str]:
    return [form for form in forms(CANARY) if form in text]


def test_logs_when_anybody_logs_the_secret_then_masked(caplog: pytest.LogCaptureFixture) -> None:
    masker = Masker()
    masker.register(Secret(CANARY), "client-1")
    before = logging.getLogRecordFactory()
    with masked_logs(masker), caplog.at_level(logging.DEBUG):
        logging.getLogger("urllib3.connectionpool").debug("GET /?t=%s", quote(CANARY, safe=""))
        try:
            int(CANARY)  # its error quotes the value
        except ValueError:
            logging.getLogger("vendor.client").exception("failed with %s", {"token": CANARY})
    assert logging.getLogRecordFactory() is before
    assert len(caplog.records) == 2
    assert "ValueError" in caplog.text
    assert shows(caplog.text + repr([vars(record) for record in caplog.records])) == []


def echo(seen: Any) -> Said:
    """A server that says back all that it was told."""
    told = f"{seen.target} {seen.headers} {seen.body.decode()} {CANARY}"
    return Said({"error": told, "access_token": CANARY}, 400, {"X-Request-Id": quote(CANARY)})


def quoting(exchange: Exchange) -> Outcome:
    """A careless source that quotes the answer."""
    if exchange.reply is None:
        return default_outcome(exchange)
    return Fatal("refused", f"they said {exchange.reply.payload['error'][-40:]}")


@pytest.mark.parametrize("kind", ["bearer", "query", "oauth", "basic", "refresh"])
@pytest.mark.parametrize("classify", [default_outcome, quoting])
def test_fetch_when_server_echoes_the_secret_then_it_shows_nowhere(
    bench: Bench, kind: str, classify: Any, caplog: pytest.LogCaptureFixture
) -> None:
    url, secret = f"{bench.server.url}/token", Secret(CANARY)
    token: Any = {
        "bearer": StaticToken(Secret("header-safe"), "X-Key"),
        "query": StaticToken(secret, param="access_token"),
        "oauth": OAuthToken(url, "client-1", secret),
        "basic": OAuthToken(url, "client-1", secret, is_basic=True),
        "refresh": OAuthToken(url, "client-1", Secret("other"), secret),
    }[kind]
    bench.masker.register(secret, "client-1")
    bench.say(echo)
    kernel = bench.kernel(token=token, classify=classify, request_id_header="x-request-id")
    with (
        masked_logs(bench.masker),
        caplog.at_level(logging.DEBUG),
        pytest.raises(RorError) as caught,
    ):
        kernel.fetch(POSTS)
    error = caught.value
    trace = "".join(traceback.format_exception(error)) + repr(error.args) + repr(vars(error))
    rows = {table: bench.ledger.take(table) for table in HTTP_TABLES}
    assert rows["requests"][0]["request_id"] is not None
    written = repr(rows) + json.dumps(rows, default=str)
    assert shows(written + trace + caplog.text) == []
    assert len(bench.seen) == 1


def test_fetch_when_token_cannot_be_written_as_a_header_then_its_text_is_not_quoted(
    bench: Bench,
) -> None:
    token = StaticToken(Secret("canary\r\nX-Evil: 1"))
    with pytest.raises(RorError, match="cannot be sent as it is declared") as caught:
        bench.kernel(token=token).fetch(POSTS)
    assert "canary" not in "".join(traceback.format_exception(caught.value))
    assert bench.seen == []


def test_fetch_when_errors_beside_data_quote_the_secret_then_masked(bench: Bench) -> None:
    bench.masker.register(Secret(CANARY))
    bench.say(Said({"data": [1], "errors": [{"detail": f"token {CANARY} is weak"}]}))
    bench.kernel().fetch(POSTS)
    (row,) = bench.ledger.take("partial_errors")
    assert row["error"] == '{"detail": "token *** is weak"}'
