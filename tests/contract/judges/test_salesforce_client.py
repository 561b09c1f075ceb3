"""The client simple-salesforce reads the fake: it pages, types and raises by itself.

Needs `simple-salesforce` 1.12.10, which is no dependency of the product. It always asks by https:
an adapter of its session sends that to the fake.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from pipelines.world.fakenet import salesforce as fake
from pipelines.world.fakenet.faults import Rule
from pipelines.world.fakenet.faults_wire import Status
from pipelines.world.fakenet.salesforce import Salesforce
from pipelines.world.fakenet.salesforce_gate import SESSION
from pipelines.world.fakenet.server import FakeNet

simple_salesforce = pytest.importorskip("simple_salesforce", reason="the client is not installed")
requests = pytest.importorskip("requests", reason="the client is not installed")
VERSION = "67.0"
NAMES = (
    "Account", "Contact", "Lead", "Opportunity", "OpportunityHistory", "OpportunityContactRole",
    "Case", "Task", "Event", "Campaign", "CampaignMember", "User", "OpportunityStage",
)  # fmt: skip


class ToTheFake(requests.adapters.HTTPAdapter):  # type: ignore[name-defined,misc]
    """Sends what goes to the instance to the façade's mount."""

    def __init__(self, base_url: str) -> None:
        super().__init__()
        self.base_url = base_url

    def send(self, request: Any, **options: Any) -> Any:
        parts = urlsplit(request.url)
        query = f"?{parts.query}" if parts.query else ""
        request.url = f"{self.base_url}{parts.path}{query}"
        return super().send(request, **options)


def client_of(net: FakeNet, session_id: str = SESSION) -> Any:
    session = requests.Session()
    session.mount("https://org.test", ToTheFake(net.url("salesforce")))
    return simple_salesforce.Salesforce(
        instance_url="https://org.test", session_id=session_id, session=session, version=VERSION
    )


@pytest.fixture
def client(net: FakeNet) -> Any:
    return client_of(net)


@pytest.fixture
def facade(net: FakeNet) -> Salesforce:
    found = net.facades["salesforce"]
    assert isinstance(found, Salesforce)
    return found


@pytest.mark.parametrize("size", [3, 2_000])
@pytest.mark.parametrize("name", NAMES)
def test_query_when_the_client_pages_then_ids_and_counts_are_the_oracles(
    net: FakeNet, client: Any, name: str, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fake, "BATCH_SIZE", size)
    expected = net.facades["salesforce"].expected(net.clock.now())
    live = client.query_all(f"SELECT Id FROM {name} ORDER BY Id")
    assert len({record["Id"] for record in live["records"]}) == live["totalSize"] == expected[name]
    everything = client.query_all(f"SELECT Id FROM {name}", include_deleted=True)
    assert everything["totalSize"] == expected[name] + expected[f"binned_{name}"]


def test_record_when_the_client_gets_it_by_either_id_then_typed_values_are_the_stores(
    net: FakeNet, client: Any, facade: Salesforce
) -> None:
    seen = facade.store.live("Opportunity", net.clock.now())[0]
    whole = client.Opportunity.get(seen.record_id)
    assert client.Opportunity.get(seen.record_id[:15])["Id"] == seen.record_id
    assert whole["Amount"] == seen.fields["Amount"]
    assert whole["CloseDate"] == seen.fields["CloseDate"].isoformat()
    assert type(whole["IsClosed"]) is bool
    assert whole["SystemModstamp"] == f"{seen.updated_at:%Y-%m-%dT%H:%M:%S}.000+0000"


def test_describe_and_limits_when_the_client_asks_then_it_understands(client: Any) -> None:
    fields = {field["name"]: field["type"] for field in client.Contact.describe()["fields"]}
    assert (fields["Email"], fields["IsDeleted"]) == ("email", "boolean")
    limits = client.limits()["DailyApiRequests"]
    assert 0 < limits["Remaining"] < limits["Max"]
    client.query("SELECT Id FROM User LIMIT 1")
    assert client.api_usage["api-usage"].total == limits["Max"]


def test_deleted_when_the_client_asks_for_a_span_then_ids_are_the_stores(
    net: FakeNet, client: Any, facade: Salesforce
) -> None:
    now = net.clock.now()
    seen = facade.store.live("Contact", now)[0]
    facade.store.erase("Contact", seen.record_id, now)
    found = client.Contact.deleted(now - timedelta(hours=1), now + timedelta(hours=1))
    assert seen.record_id in {row["id"] for row in found["deletedRecords"]}


def test_errors_when_the_fake_refuses_then_the_client_raises_its_own_kind(
    net: FakeNet, client: Any
) -> None:
    errors = simple_salesforce.exceptions
    with pytest.raises(errors.SalesforceExpiredSession):
        client_of(net, "guess").query("SELECT Id FROM Contact")
    with pytest.raises(errors.SalesforceMalformedRequest) as caught:
        client.query("SELECT Id, Nothing__c FROM Contact")
    assert caught.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(errors.SalesforceMalformedRequest, match="INVALID_TYPE"):
        client.query("SELECT Id FROM Nothing__c")
    with pytest.raises(errors.SalesforceMalformedRequest, match="MALFORMED_QUERY"):
        client.query("SELECT FROM")
    with pytest.raises(errors.SalesforceResourceNotFound):
        client.Contact.get("003gK000NothingAAA")
    throttled = net.facades["salesforce"].throttled()
    net.script.add(Rule("salesforce", "*", Status(throttled.status, throttled.body)))
    with pytest.raises(errors.SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        client.query("SELECT Id FROM Contact")
