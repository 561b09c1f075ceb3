"""Every kind of reply of the LinkedIn façade, against a schema written from the documentation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest

from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import build_world
from tests.support.list_apis import ORGANIZATION, linkedin
from tests.support.schemas import Schemas

POSTS = f"posts?q=author&author={ORGANIZATION}"
ENTITY = f"q=organizationalEntity&organizationalEntity={ORGANIZATION}"
VISITS = f"organizationPageStatistics?q=organization&organization={ORGANIZATION}"
DAYS = "&timeIntervals=(timeRange:(start:1780272000000,end:1782000000000),timeGranularityType:{period})"


@pytest.fixture(scope="module")
def schemas() -> Schemas:
    return Schemas("linkedin")


@pytest.fixture(scope="module")
def net() -> Iterator[FakeNet]:
    with fake_net(build_world(WorldParameters(people=120, weeks=10))) as running:
        yield running


def targets(net: FakeNet) -> Iterator[tuple[str, str]]:
    """Name of the reply and what to ask for, errors included."""
    yield "posts", f"{POSTS}&count=5"
    for post in linkedin(net, f"{POSTS}&count=100").body["elements"]:
        urn = quote(post["id"], safe="")
        yield "post", f"posts/{urn}"
        yield "metadata", f"socialMetadata/{urn}"
        yield "comments", f"socialActions/{urn}/comments"
        yield "reactions", f"reactions/(entity:{urn})?q=entity&count=3"
        yield "post_batch", f"posts?ids=List({urn},urn%3Ali%3Ashare%3A1)"
        yield "metadata_batch", f"socialMetadata?ids=List({urn})"
        if ":share:" in post["id"]:
            shares = f"organizationalEntityShareStatistics?{ENTITY}&shares=List({urn})"
            yield "share_statistics", shares
    for tail in ("", DAYS.format(period="DAY"), DAYS.format(period="MONTH")):
        yield "share_statistics", f"organizationalEntityShareStatistics?{ENTITY}{tail}"
        yield "follower_statistics", f"organizationalEntityFollowerStatistics?{ENTITY}{tail}"
        yield "page_statistics", f"{VISITS}{tail}"
    yield "organization", "organizations/7410029"
    yield "network_size", f"networkSizes/{ORGANIZATION}?edgeType=COMPANY_FOLLOWED_BY_MEMBER"
    yield "error", "organizations/1"
    yield "error", f"{POSTS}&count=1000"
    yield "error", "posts/urn%3Ali%3Ashare%3A1"


def test_replies_when_checked_against_the_schema_then_none_has_a_problem(
    net: FakeNet, schemas: Schemas
) -> None:
    checked: Counter[str] = Counter()
    for name, target in targets(net):
        body = linkedin(net, target).body
        assert schemas.problems(name, body) == [], target
        checked[name] += 1
        checked["elements"] += len(body.get("elements", ()))
    for headers in ({}, {"Linkedin-Version": "202401"}):
        assert schemas.problems("error", linkedin(net, POSTS, headers=headers).body) == []
    assert schemas.problems("error", net.facades["linkedin"].throttled().body) == []

    parts = {"reaction", "comment", "share_statistic", "follower_statistic", "page_statistic"}
    assert set(checked) - {"elements"} == schemas.names - parts
    assert checked["elements"] > 200


@pytest.mark.parametrize(
    ("path", "value", "problem"),
    [
        (("elements", 0, "id"), 7, "$.elements[0].id: 7 is not of type 'string'"),
        (("elements", 0, "createdAt"), "1780272000000", "$.elements[0].createdAt:"),
        (("elements", 0, "author"), "urn:li:person:x", "$.elements[0].author:"),
        (("paging", "start"), None, "$.paging.start: None is not of type 'integer'"),
    ],
)
def test_schema_when_a_body_is_wrong_then_it_says_where(
    net: FakeNet, schemas: Schemas, path: tuple[Any, ...], value: Any, problem: str
) -> None:
    body = deepcopy(linkedin(net, f"{POSTS}&count=1").body)
    holder = body
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    found = schemas.problems("posts", body)
    assert found
    assert all(line.startswith(problem) for line in found)
