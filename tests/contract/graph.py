"""What the modules of Facebook and Instagram share: errors of the Graph API, and tokens anew."""

from __future__ import annotations

from typing import Any

from pipelines.world.fakenet.faults import Fault
from pipelines.world.fakenet.faults_pages import EachItem
from pipelines.world.fakenet.faults_wire import RESET_FORMS, Empty, Html, RateExhausted, Trickle
from pipelines.world.fakenet.faults_wire import Status as Answers
from tests.contract.cases import Passing
from tests.support.apis import ApiHome


def graph_error(code: int, subcode: int = 0, status: int = 400, **more: Any) -> Answers:
    """An error in the Graph API's shape, whatever its status."""
    error = {"message": f"(#{code}) no", "type": "OAuthException", "code": code, **more}
    if subcode:
        error["error_subcode"] = subcode
    return Answers(status, {"error": error})


def restated_by(factor: float) -> Fault:
    """All figures of insights are other ones."""

    def change(metric: dict[str, Any], name: str) -> None:
        for one in metric[name]:
            if isinstance(one.get("value"), int):
                one["value"] = int(one["value"] * factor)

    return EachItem("values", change)


def new_tokens(home: ApiHome) -> None:
    """Somebody has made the tokens anew."""
    facade = home.net.facades[home.source.name]
    for grant in facade.gate.tokens.grants.values():  # type: ignore[attr-defined]
        grant.expires_at = None


def passing_of(listing: str, children: str, figures: str) -> dict[str, Passing]:
    """The faults that a Graph API may show for a while, below the paging."""
    # Of the two that ask for days, the night ends; see the table of what stays.
    forms = [form for form in RESET_FORMS if form != "far_ahead"]
    throttles = {f"throttled: {form}": Passing(children, RateExhausted(form), 1) for form in forms}
    return throttles | {
        "maintenance page": Passing(listing, Html(), 2),
        "empty 202": Passing(children, Empty(), 2),
        "server error": Passing(figures, Answers(503), 3),
        "transient error": Passing(figures, graph_error(2, status=500), 2),
        "transient error with status 200": Passing(children, graph_error(1, status=200), 2),
        "transient by its own word": Passing(children, graph_error(99, is_transient=True), 1),
        "slow drip": Passing(listing, Trickle(20, 1.0)),
    }
