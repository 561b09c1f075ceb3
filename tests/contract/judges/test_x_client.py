"""X's own Python client reads the fake, with models made from the API's description.

Needs `xdk` 0.10.6, which is no dependency of the product.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.faults import Fault, Nth, Rule
from pipelines.world.fakenet.faults_pages import EmptyPage, removed, retyped
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.x_gate import APP_TOKEN, USER_TOKEN
from pipelines.world.fakenet.x_names import BRAND_ID, x_post_id
from pipelines.world.networks import network_life
from pipelines.world.world import World

pytest.importorskip("xdk", reason="the vendor's client is not installed")

import requests
from pydantic import ValidationError
from xdk import Client
from xdk.schemas import Post, User

POST_FIELDS = ["created_at", "conversation_id", "public_metrics", "edit_controls", "entities",
               "lang", "possibly_sensitive", "reply_settings"]  # fmt: skip
EXPANSIONS = ["author_id", "referenced_posts", "edit_history_post_ids", "in_reply_to_user_id"]
USER_FIELDS = ["created_at", "public_metrics", "protected", "verified", "description"]


@pytest.fixture
def client(net: FakeNet) -> Client:
    return Client(base_url=net.url("x"), bearer_token=APP_TOKEN)


@pytest.fixture
def oracle(net: FakeNet) -> dict[str, Any]:
    return net.facades["x"].expected(net.clock.now())


def everything(pages: Iterator[Any]) -> list[Any]:
    return [item for page in pages for item in page.data or []]


@pytest.mark.parametrize("size", [5, 100])
def test_posts_when_the_client_pages_then_values_are_the_worlds(
    client: Client, oracle: dict[str, Any], judged_world: World, size: int
) -> None:
    found = everything(
        client.users.get_posts(
            id=BRAND_ID, max_results=size, post_fields=POST_FIELDS, expansions=EXPANSIONS,
            user_fields=USER_FIELDS,
        )
    )  # fmt: skip
    truth = {
        x_post_id(p.post, p.edited_at): p for p in network_life(judged_world, "x").posts if p.appeal
    }

    assert len({post.id for post in found}) == len(found) == oracle["tweets"] > 30
    checked = 0
    for post in found:
        assert isinstance(post, Post)
        assert post.author_id == BRAND_ID
        assert post.public_metrics is not None
        if item := truth.get(post.id):
            at = item.edited_at or item.post.published_at
            stamp = datetime.fromisoformat(post.created_at)
            assert abs(stamp - at) < timedelta(milliseconds=1)
            assert post.edit_history_post_ids[-1] == post.id
            assert post.lang == item.post.language
            checked += 1
    assert checked > 20


def test_mentions_when_the_client_pages_then_references_are_typed_and_included(
    client: Client, oracle: dict[str, Any]
) -> None:
    pages = list(
        client.users.get_mentions(
            id=BRAND_ID, max_results=10, post_fields=POST_FIELDS, expansions=EXPANSIONS,
            user_fields=USER_FIELDS,
        )
    )  # fmt: skip
    found = everything(iter(pages))
    users = {user.id: user for page in pages if page.includes for user in page.includes.users or []}

    assert len(found) == oracle["mentions"] > 20
    assert {post.author_id for post in found} <= users.keys()
    assert {type(user) for user in users.values()} == {User}
    references = [r for post in found for r in post.referenced_posts or []]
    assert {reference.type for reference in references} == {"replied_to"}
    assert {
        type(post) for page in pages if page.includes for post in page.includes.posts or []
    } == {Post}


def test_search_when_the_client_pages_then_it_finds_the_mentions_of_a_week(
    client: Client, oracle: dict[str, Any]
) -> None:
    query = "@beanandbond -from:beanandbond"
    found = everything(client.posts.search_recent(query=query, max_results=10))
    assert len(found) == oracle["recent_mentions"] > 0


def test_people_when_the_client_pages_then_totals_are_the_oracles(
    client: Client, oracle: dict[str, Any], net: FakeNet
) -> None:
    totals = {"likes": 0, "reposts": 0, "quotes": 0}
    brand = Client(base_url=net.url("x"), access_token=USER_TOKEN)  # likes are not for apps
    for post in everything(client.users.get_posts(id=BRAND_ID, max_results=100)):
        net.clock.sleep(30)  # within 75 in 15 minutes
        posts = client.posts
        totals["likes"] += len(everything(brand.posts.get_liking_users(id=post.id, max_results=1)))
        totals["reposts"] += len(everything(posts.get_reposted_by(id=post.id, max_results=100)))
        totals["quotes"] += len(everything(posts.get_quoted(id=post.id, max_results=10)))

    assert totals == {name: oracle[name] for name in totals}
    assert totals["likes"] > 5


@pytest.mark.parametrize("size", [1, 1000])
def test_followers_when_the_client_pages_then_they_are_the_oracles(
    client: Client, oracle: dict[str, Any], size: int
) -> None:
    found = everything(
        client.users.get_followers(id=BRAND_ID, max_results=size, user_fields=USER_FIELDS)
    )
    assert len({user.id for user in found}) == len(found) == oracle["followers"] > 10
    assert {type(user.public_metrics.post_count) for user in found} == {int}


def test_lookups_when_the_client_asks_for_lost_ones_then_it_has_data_and_errors(
    client: Client,
) -> None:
    known = everything(client.users.get_posts(id=BRAND_ID, max_results=5))[0].id
    posts = client.posts.get_by_ids(ids=[known, "1"])
    users = client.users.get_by_usernames(usernames=["beanandbond", "nobody"])
    one = client.users.get_by_username(username="beanandbond", user_fields=USER_FIELDS)
    lost = client.posts.get_by_id(id="1")

    assert [post.id for post in posts.data] == [known]
    assert len(posts.errors) == len(users.errors) == len(lost.errors) == 1
    assert lost.data is None
    assert one.data.id == users.data[0].id == BRAND_ID


def test_secret_figures_when_the_brand_asks_then_they_are_there(net: FakeNet) -> None:
    client = Client(base_url=net.url("x"), access_token=USER_TOKEN)
    fields = ["non_public_metrics", "created_at"]
    page = next(client.users.get_posts(id=BRAND_ID, max_results=5, post_fields=fields))
    assert page.data[0].non_public_metrics["impression_count"] >= 0
    assert client.users.get_me().data.username == "beanandbond"


def test_usage_when_the_client_reads_it_then_it_counts_what_was_read(client: Client) -> None:
    read = everything(client.users.get_posts(id=BRAND_ID, max_results=100))
    usage = client.usage.get(days=7).data
    assert usage.project_usage == str(len(read))
    assert [day.usage for day in usage.daily_project_usage.usage] == [str(len(read))]


@pytest.mark.parametrize(
    ("token", "params", "status", "title"),
    [
        ("guess", {}, 401, "Unauthorized"),
        (APP_TOKEN, {"max_results": 101}, 400, "Invalid Request"),
    ],
)
def test_error_when_the_client_meets_one_then_it_raises_with_the_body(
    net: FakeNet, token: str, params: dict[str, Any], status: int, title: str
) -> None:
    client = Client(base_url=net.url("x"), bearer_token=token)
    with pytest.raises(requests.HTTPError) as caught:
        next(client.users.get_posts(id=BRAND_ID, **params))
    assert caught.value.response.status_code == status
    assert caught.value.response.json()["title"] == title


def test_empty_page_when_it_has_a_token_then_the_client_goes_on(
    client: Client, net: FakeNet, oracle: dict[str, Any]
) -> None:
    net.script.add(Rule("x", "GET */tweets", EmptyPage(), Nth(2)))
    found = everything(client.users.get_posts(id=BRAND_ID, max_results=10))
    assert len(found) == oracle["tweets"]


@pytest.mark.parametrize("fault", [removed("public_metrics.like_count"), retyped("id")])
def test_judge_when_a_field_is_missing_or_of_another_type_then_it_objects(
    client: Client, net: FakeNet, fault: Fault
) -> None:
    net.script.add(Rule("x", "*", fault))
    with pytest.raises(ValidationError):
        next(client.users.get_posts(id=BRAND_ID, post_fields=["public_metrics"]))
