"""Every kind of reply of the Sprout façade, against a schema written from the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from pipelines.sources.sprout_reads import MESSAGE_FIELDS, POST_FIELDS
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import build_world
from tests.support.fakenet import Answer, ask
from tests.support.schemas import Schemas

CUSTOMER = "687751"
EVER = "(2020-01-01T00:00:00...2030-01-01T00:00:00)"


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas("sprout")


@pytest.fixture(scope="module")
def net() -> Iterator[FakeNet]:
    world = build_world(WorldParameters(people=60, weeks=8))
    with fake_net(world, tick=timedelta(seconds=2)) as running:
        yield running


def sprout(net: FakeNet, path: str, body: Any = None, **more: Any) -> Answer:
    sent = {"token": "sprout-fake-0001", "headers": {"Content-Type": "application/json"}, **more}
    method = "GET" if body is None else "POST"
    return ask(net, f"/sprout/v1/{path}", method=method, body=body, **sent)


def profiles(net: FakeNet) -> list[int]:
    found = sprout(net, f"{CUSTOMER}/metadata/customer").body["data"]
    return [row["customer_profile_id"] for row in found]


def owned(net: FakeNet, *names: str) -> list[str]:
    ids = ", ".join(map(str, profiles(net)))
    return [f"customer_profile_id.eq({ids})", *names]


def answers(net: FakeNet) -> Iterator[tuple[str, Any]]:
    """Name and body of replies of each kind, errors included."""
    yield "client", sprout(net, "metadata/client").body
    yield "profiles", sprout(net, f"{CUSTOMER}/metadata/customer").body
    for name in ("tags", "users", "topics"):
        yield name, sprout(net, f"{CUSTOMER}/metadata/customer/{name}").body
    created = f"created_time.in{EVER}"
    body: dict[str, Any] = {"filters": owned(net, created), "fields": list(POST_FIELDS)}
    yield "posts", sprout(net, f"{CUSTOMER}/analytics/posts", body).body
    with_metrics = body | {"metrics": ["lifetime.impressions"], "page": 1}
    yield "posts", sprout(net, f"{CUSTOMER}/analytics/posts", with_metrics).body
    days = {
        "filters": owned(net, "reporting_period.in(2026-01-01...2026-12-31)"),
        "metrics": ["impressions", "lifetime_snapshot.followers_count"],
    }
    yield "days", sprout(net, f"{CUSTOMER}/analytics/profiles", days).body
    said: dict[str, Any] = {"filters": owned(net, created), "fields": list(MESSAGE_FIELDS)}
    while True:
        page = sprout(net, f"{CUSTOMER}/messages", said).body
        yield "messages", page
        if "next_cursor" not in page["paging"]:
            break
        said["page_cursor"] = page["paging"]["next_cursor"]
    week = {"filters": ["updated_time.in(2026-02-01...2026-02-08)"]}
    yield "cases", sprout(net, f"{CUSTOMER}/cases/filter", week).body
    topic = sprout(net, f"{CUSTOMER}/metadata/customer/topics").body["data"][0]["id"]
    path = f"{CUSTOMER}/listening/topics/{topic}/metrics"
    yield "topic", sprout(net, path, {"filters": [created], "metrics": ["messages_count"]}).body


def refusals(net: FakeNet) -> Iterator[tuple[int, Answer]]:
    """What is refused, and with which status."""
    created = f"created_time.in{EVER}"
    posts, filters = f"{CUSTOMER}/analytics/posts", owned(net, created)
    yield 401, sprout(net, "metadata/client", token="guess")
    yield 403, sprout(net, "1/metadata/customer")
    yield 403, sprout(net, posts, {"filters": ["customer_profile_id.eq(1)", created]})
    yield 404, sprout(net, f"{CUSTOMER}/nothing", {})
    yield 405, ask(net, f"/sprout/v1/{posts}", method="PUT", body={}, token="sprout-fake-0001")
    yield 415, sprout(net, posts, {}, headers={"Content-Type": "text/plain"})
    yield 400, sprout(net, posts, {"filters": filters, "page": 999})
    yield 400, sprout(net, posts, {"filters": filters, "metrics": ["lifetime.nothing"]})
    yield 400, sprout(net, posts, {"filters": filters, "unknown": 1})
    yield 400, sprout(net, posts, {"filters": ["nothing"]})
    month = {"filters": ["updated_time.in(2026-02-01...2026-03-08)"]}
    yield 400, sprout(net, f"{CUSTOMER}/cases/filter", month)


def test_replies_when_checked_against_the_schema_then_none_has_a_problem(
    net: FakeNet, schemas: Schemas
) -> None:
    checked: Counter[str] = Counter()
    for name, body in answers(net):
        assert schemas.problems(name, body) == [], name
        checked[name] += len(body["data"])
    assert set(checked) == schemas.names - {"error"}
    assert checked["messages"] > 50


def test_refusals_when_asked_wrongly_then_status_and_a_text(net: FakeNet, schemas: Schemas) -> None:
    for status, answer in refusals(net):
        assert answer.status == status, answer.content
        assert schemas.problems("error", answer.body) == []
        assert answer.headers["X-Sprout-API-Version"] == "1.1"


def test_requests_when_too_many_in_a_minute_then_refused_without_a_word_when(net: FakeNet) -> None:
    net.clock.sleep(120)
    tick, net.tick = net.tick, timedelta(0)
    try:
        statuses = [sprout(net, "metadata/client").status for _ in range(61)]
    finally:
        net.tick = tick
        net.clock.sleep(120)
    assert statuses == [200] * 60 + [429]


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("data", 0, "guid"), 17, "$.data[0].guid: 17 is not of type 'string'"),
        (("data", 0, "created_time"), "today", "$.data[0].created_time: 'today' does not match"),
        (("paging", "total_pages"), "4", "$.paging.total_pages: '4' is not of type 'integer'"),
    ],
)
def test_schema_when_a_body_is_wrong_then_it_says_where(
    net: FakeNet, schemas: Schemas, path: tuple[Any, ...], value: Any, problem: str
) -> None:
    query = {"filters": owned(net, f"created_time.in{EVER}"), "fields": list(POST_FIELDS)}
    body = deepcopy(sprout(net, f"{CUSTOMER}/analytics/posts", query).body)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    (found,) = schemas.problems("posts", body)
    assert found.startswith(problem)
