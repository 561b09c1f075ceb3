"""Every kind of reply of the Typeform façade, against a schema written from the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import build_world
from tests.support.list_apis import typeform
from tests.support.schemas import Schemas


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas("typeform")


@pytest.fixture(scope="module")
def net() -> Iterator[FakeNet]:
    world = build_world(WorldParameters(people=200, weeks=16))
    with fake_net(world, tick=timedelta(milliseconds=500)) as running:
        yield running


def answers(net: FakeNet) -> Iterator[tuple[str, Any]]:
    """Name and body of replies of each kind, errors included."""
    yield "me", typeform(net, "me").body
    forms = typeform(net, "forms").body
    yield "forms", forms
    for form in (item["id"] for item in forms["items"]):
        yield "form", typeform(net, f"forms/{form}").body
        for kind in ("completed", "partial", "started"):
            params = {"response_type": kind, "page_size": 1_000}
            yield "responses", typeform(net, f"forms/{form}/responses", params).body
        yield "error", typeform(net, f"forms/{form}/responses", {"page_size": 1_001}).body
    yield "error", typeform(net, "forms/none").body
    yield "error", typeform(net, "me", token=None).body
    yield "error", net.facades["typeform"].throttled().body


def test_replies_when_checked_against_the_schema_then_none_has_a_problem(
    net: FakeNet, schemas: Schemas
) -> None:
    checked: Counter[str] = Counter()
    for name, body in answers(net):
        assert schemas.problems(name, body) == [], name
        checked[name] += 1
        checked["response"] += len(body["items"]) if name == "responses" else 0

    assert set(checked) == {"me", "forms", "form", "responses", "error", "response"}
    assert checked["response"] > 50


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("items", 0, "token"), 17, "$.items[0].token: 17 is not of type 'string'"),
        (("total_items",), "4", "$.total_items: '4' is not of type 'integer'"),
        (("items", 0, "landed_at"), "today", "$.items[0].landed_at: 'today' does not match"),
        (("items", 0, "answers", 0, "number"), "9", "$.items[0].answers[0]:"),
    ],
)
def test_schema_when_a_body_is_wrong_then_it_says_where(
    net: FakeNet, schemas: Schemas, path: tuple[Any, ...], value: Any, problem: str
) -> None:
    form = typeform(net, "forms").body["items"][0]["id"]
    body = deepcopy(typeform(net, f"forms/{form}/responses").body)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    (found,) = schemas.problems("responses", body)
    assert found.startswith(problem)
