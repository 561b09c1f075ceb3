"""Salesforce's settings, addresses, refusals and usage header, by hand."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines.errors import RorError
from pipelines.http import (
    DropField,
    Exchange,
    Fatal,
    Outcome,
    QuotaStop,
    RefreshAuth,
    Reply,
    Request,
    Retry,
    SkipItem,
)
from pipelines.http.origin import ForeignOriginError
from pipelines.sources.salesforce import (
    SalesforceConfig,
    classify,
    service,
    token,
    usage_within,
)
from pipelines.sources.salesforce_reads import Query

NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)


def config(**values: Any) -> SalesforceConfig:
    made = SalesforceConfig()
    for name, value in {"client_id": "client-1", **values}.items():
        setattr(made, name, value)
    return made


def meaning(status: int, body: Any, resource: str = "contacts") -> Outcome:
    reply = Reply(status, {"content-type": "application/json"}, b"x", body, is_json=True)
    return classify(Exchange(Request(resource, rows_path=("records",)), reply))


def error(code: str, message: str = "") -> list[dict[str, str]]:
    return [{"errorCode": code, "message": message}]


def test_query_when_written_then_the_address_is_what_the_documentation_shows() -> None:
    query = Query(
        "contacts", "/services/data/v67.0/queryAll", names=("Email", "Phone"), sobject="Contact",
        always=("Id",), condition="SystemModstamp >= 2026-01-01T00:00:00Z", order="Id", limit=5,
    )  # fmt: skip
    assert query.target() == (
        "/services/data/v67.0/queryAll?q=SELECT%20Id%2C%20Email%2C%20Phone%20FROM%20Contact%20WHERE"
        "%20SystemModstamp%20%3E%3D%202026-01-01T00%3A00%3A00Z%20ORDER%20BY%20Id%20LIMIT%205"
    )


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, error("INVALID_SESSION_ID"), RefreshAuth),
        (403, error("INVALID_SESSION_ID"), RefreshAuth),
        (403, error("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), QuotaStop),
        (403, error("REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit"), Retry),
        (400, error("QUERY_TIMEOUT"), Retry),
        (400, error("UNABLE_TO_LOCK_ROW"), Retry),
        (400, error("INVALID_TYPE"), SkipItem),
        (410, error("UNSUPPORTED_API_VERSION"), Fatal),
        (400, error("MALFORMED_QUERY"), Fatal),
        (200, error("UNKNOWN_EXCEPTION"), Fatal),
        (400, error("INVALID_FIELD", "something else"), Fatal),
        (200, [], Fatal),
        (500, ["no object"], Retry),
    ],
)
def test_answer_when_the_code_is_known_then_it_means(status: int, body: Any, kind: type) -> None:
    assert isinstance(meaning(status, body), kind)


def test_field_when_refused_then_dropped_unless_it_matters() -> None:
    message = "\nERROR at Row:1:Column:8\nNo such column '{}' on entity 'Contact'. If you are"
    assert meaning(400, error("INVALID_FIELD", message.format("Phone"))) == DropField("Phone")
    assert meaning(400, error("INVALID_FIELD", message.format("Email"))) == SkipItem(
        "no right to Email"
    )
    found = meaning(400, error("INVALID_FIELD", message.format("Email")), "users")
    assert found == DropField("Email")


@pytest.mark.parametrize(
    ("header", "used", "remaining"),
    [
        ("api-usage=18/5000", 18 / 4000, 3982),
        ("api-usage=3999/5000", 3999 / 4000, 1),
        ("api-usage=4000/5000", 1.0, 0),
        ("api-usage=6000/5000; per-app-api-usage=1/2(appName=x)", 1.5, 0),
    ],
)
def test_usage_when_told_then_of_our_share_of_the_orgs_calls(
    header: str, used: float, remaining: int
) -> None:
    signal = usage_within(0.8)({"sforce-limit-info": header}, NOW)
    assert signal is not None
    assert (signal.used, signal.remaining) == (pytest.approx(used), remaining)
    assert (signal.resets_at is None) is (remaining > 0)


@pytest.mark.parametrize("header", ["", "api-usage=x/5000", "api-usage=1/0", "18/5000"])
def test_usage_when_unreadable_then_nothing_is_learnt(header: str) -> None:
    assert usage_within(0.8)({"sforce-limit-info": header}, NOW) is None


def test_instance_when_the_login_says_it_then_only_below_salesforces_domain() -> None:
    origins = service(config()).origins
    found = origins.assigned("https://acme.my.salesforce.com")
    assert found.home("/services") == "https://acme.my.salesforce.com/services"
    for foreign in ("https://my.salesforce.com.evil.example", "http://acme.my.salesforce.com"):
        with pytest.raises(ForeignOriginError):
            origins.assigned(foreign)


def test_instance_when_it_is_set_then_the_login_cannot_move_it() -> None:
    origins = service(config(base_url="https://acme.my.salesforce.com")).origins
    assert origins.instance_suffixes == ()


def test_login_when_neither_secret_nor_key_then_exit_77() -> None:
    with pytest.raises(RorError) as caught:
        token(config())
    assert int(caught.value.code) == 77


def test_login_when_a_secret_then_the_clients_credentials_go_to_my_domain() -> None:
    provider = token(config(client_secret="s-1", base_url="https://acme.my.salesforce.com"))
    request = provider.renewal(NOW)
    assert request is not None
    assert request.link == "https://acme.my.salesforce.com/services/oauth2/token"
    assert dict(request.form)["grant_type"] == "client_credentials"
