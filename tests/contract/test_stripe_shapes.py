"""Every object of the Stripe façade, against Stripe's own example of its kind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.stripe import RESOURCES, Stripe
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import build_world
from tests.support.data import shared_data

# Members that depend on a `type` beside them; the example is of another type.
OF_OTHER_TYPE = {
    "invoice.lines.data[].pricing.price_details", "invoice_payment.payment.payment_intent",
}  # fmt: skip


@pytest.fixture(scope="module")
def examples() -> dict[str, Any]:
    whole = json.loads(shared_data("api_shapes/stripe/fixtures3.json").read_text("utf-8"))
    found: dict[str, Any] = whole["resources"]
    return found


def differences(path: str, ours: Any, example: Any) -> Iterator[str]:
    """Members that the example has not, and values of another type; null and {} tell nothing."""
    if ours is None or example in (None, {}):
        return
    if isinstance(ours, dict) and isinstance(example, dict):
        for name, value in ours.items():
            if name in example:
                yield from differences(f"{path}.{name}", value, example[name])
            else:
                yield f"{path}.{name}"
    elif isinstance(ours, list) and isinstance(example, list):
        for item in ours if example else ():
            yield from differences(f"{path}[]", item, example[0])
    elif type(ours) is not type(example):
        yield f"{path}: {type(ours).__name__}"


@pytest.mark.parametrize("kind", [kind for kind, _ in RESOURCES.values()])
def test_objects_when_compared_with_the_example_then_names_and_types_are_stripes(
    examples: dict[str, Any], kind: str
) -> None:
    world = build_world(WorldParameters(people=120, weeks=10))
    facade = fake_net(world).facades["stripe"]
    assert isinstance(facade, Stripe)
    bodies = facade._all(kind, world.parameters.as_of)
    # What happened is in an event as an object of another kind.
    shown = [{k: v for k, v in b.items() if (kind, k) != ("event", "data")} for b in bodies]
    found = {line for body in shown for line in differences(kind, body, examples[kind])}

    assert len(bodies) > 3
    assert found - OF_OTHER_TYPE == set()


def test_comparison_when_a_member_or_type_is_wrong_then_it_says_where() -> None:
    example = {"amount": 1, "lines": {"data": [{"id": "x"}]}}
    ours = {"amount": "1", "extra": 2, "lines": {"data": [{"id": None}, {"idd": "y"}]}}
    assert list(differences("charge", ours, example)) == [
        "charge.amount: str", "charge.extra", "charge.lines.data[].idd",
    ]  # fmt: skip
