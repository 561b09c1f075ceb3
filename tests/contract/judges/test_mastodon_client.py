"""A Mastodon client written by others reads the fake and follows its Link header.

Needs `Mastodon.py` 2.3.3, which is no dependency of the product.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from pipelines.world.fakenet.faults import Rule
from pipelines.world.fakenet.faults_wire import RateExhausted
from pipelines.world.fakenet.mastodon_gate import TOKEN
from pipelines.world.fakenet.mastodon_store import account_ids, status_id
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.mastodon import BRAND_KEY, MastodonWorld, build_mastodon
from pipelines.world.world import World

pytest.importorskip("mastodon", reason="the client is not installed")

from mastodon import (
    Mastodon,
    MastodonAPIError,
    MastodonNotFoundError,
    MastodonRatelimitError,
    MastodonUnauthorizedError,
)
from mastodon.return_types import Account, Context, Notification, Status


def client_of(net: FakeNet, token: str | None = TOKEN) -> Mastodon:
    return Mastodon(
        api_base_url=net.url("mastodon"), access_token=token, version_check_mode="none",
        ratelimit_method="throw",
    )  # fmt: skip


@pytest.fixture
def client(net: FakeNet) -> Mastodon:
    return client_of(net)


@pytest.fixture(scope="module")
def life(judged_world: World) -> MastodonWorld:
    return build_mastodon(judged_world)


@pytest.fixture
def oracle(net: FakeNet) -> dict[str, Any]:
    return net.facades["mastodon"].expected(net.clock.now())


def everything(client: Mastodon, page: Any) -> list[Any]:
    """Follow the header to the end."""
    found = []
    while page:
        found += page
        page = client.fetch_next(page)
    return found


@pytest.mark.parametrize("limit", [1, 20, 40])
def test_statuses_when_the_client_pages_then_ids_times_and_counts_are_the_worlds(
    client: Mastodon, oracle: dict[str, Any], life: MastodonWorld, limit: int
) -> None:
    found = everything(
        client,
        client.account_statuses(oracle["brand"], exclude_reblogs=True, limit=limit),
    )
    posted = {status_id(s): s for s in life.statuses if s.author == BRAND_KEY}

    assert len({s.id for s in found}) == len(found) == oracle["statuses"] > 20
    assert {type(s) for s in found} == {Status}
    for status in found:
        truth = posted[status.id]
        assert status.created_at.astimezone(UTC) == truth.posted_at
        assert (status.visibility, status.language) == (truth.visibility, truth.language)
        assert status.account.id == oracle["brand"]
        assert type(status.favourites_count) is int
    edited = {s.id: s.edited_at.astimezone(UTC) for s in found if s.edited_at}
    assert edited == {i: s.edited_at for i, s in posted.items() if s.edited_at and i in edited}
    assert sum(s.favourites_count for s in found) == oracle["favourites"]


@pytest.mark.parametrize("limit", [1, 7, 80])
def test_followers_when_the_client_pages_by_a_hidden_id_then_they_are_the_worlds(
    client: Mastodon, oracle: dict[str, Any], life: MastodonWorld, limit: int
) -> None:
    found = everything(client, client.account_followers(oracle["brand"], limit=limit))
    ids = account_ids(life)
    followed = {ids[a.author] for a in life.acts if a.followed == BRAND_KEY}

    assert len({a.id for a in found}) == len(found) == oracle["followers"] > 5
    assert {a.id for a in found} <= followed
    assert {type(a) for a in found} == {Account}
    assert {type(a.created_at) for a in found} == {datetime}


def test_threads_and_people_when_the_client_reads_them_then_totals_are_the_oracles(
    client: Mastodon, oracle: dict[str, Any]
) -> None:
    own = everything(client, client.account_statuses(oracle["brand"], exclude_reblogs=True))
    replies = 0
    for root in (s for s in own if s.in_reply_to_id is None):
        context = client.status_context(root.id)
        assert isinstance(context, Context)
        replies += len(context.descendants)
    people = sum(len(everything(client, client.status_favourited_by(s.id))) for s in own)
    boosts = sum(len(everything(client, client.status_reblogged_by(s.id))) for s in own)

    assert (replies, people, boosts) == (
        oracle["replies"], oracle["favourites"], oracle["boosts"],
    )  # fmt: skip


def test_notifications_and_timelines_when_the_client_pages_then_counts_are_the_oracles(
    client: Mastodon, oracle: dict[str, Any]
) -> None:
    told = everything(client, client.notifications(limit=30))
    tagged = everything(client, client.timeline_hashtag("BeanAndBond", limit=9))

    assert len(told) == oracle["notifications"]
    assert {type(n) for n in told} == {Notification}
    assert {n.type for n in told} == {"mention", "favourite", "reblog", "follow"}
    assert len(tagged) == oracle["tag_statuses"]
    assert client.account_lookup("beanandbond").id == oracle["brand"]
    assert client.account_verify_credentials().source.privacy == "public"


def test_errors_when_the_fake_refuses_then_the_client_raises_its_own_kind(
    net: FakeNet, client: Mastodon, oracle: dict[str, Any], life: MastodonWorld
) -> None:
    with pytest.raises(MastodonNotFoundError, match="Record not found"):
        client.status(1)
    with pytest.raises(MastodonUnauthorizedError, match="The access token is invalid"):
        client_of(net, "guess").account(oracle["brand"])
    other = next(a.key for a in life.accounts if a.key != BRAND_KEY and not a.suspended_at)
    net.facades["mastodon"].store.delete("account", account_ids(life)[other], net.clock.now())
    with pytest.raises(MastodonAPIError) as caught:
        client.account(account_ids(life)[other])
    assert caught.value.args[1] == 410
    net.script.add(Rule("mastodon", "*", RateExhausted("iso_8601")))
    with pytest.raises(MastodonRatelimitError):
        client.account(oracle["brand"])
