from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from pipelines.world.bluesky import BRAND_KEY, BlueskyWorld, build_bluesky
from pipelines.world.world import World


@pytest.fixture(scope="module")
def life(world: World) -> BlueskyWorld:
    return build_bluesky(world)


def test_bluesky_when_built_again_then_it_is_the_same(world: World, life: BlueskyWorld) -> None:
    assert build_bluesky(world) == life


def test_everything_when_generated_then_it_happens_within_the_history(
    world: World, life: BlueskyWorld
) -> None:
    instants = [
        *(a.joined_at for a in life.accounts),
        *(i for a in life.accounts for i in (a.renamed_at, a.closed_at) if i),
        *(i for p in life.posts for i in (p.posted_at, p.edited_at, p.deleted_at) if i),
        *(i for a in life.acts for i in (a.at, a.undone_at) if i),
    ]

    assert world.parameters.starts_at <= min(instants)
    assert max(instants) < world.parameters.as_of


def test_accounts_when_generated_then_they_are_the_worlds_people_with_handles_of_their_own(
    world: World, life: BlueskyWorld
) -> None:
    people = {p.person_id for p in world.population.people}
    handles = Counter(h for a in life.accounts for h in (a.handle, a.renamed_to) if h)

    assert life.accounts[0].key == BRAND_KEY
    assert set(life.account_of) <= people
    assert len(life.account_of) / len(people) == pytest.approx(0.45, abs=0.06)
    assert set(handles.values()) == {1}
    assert any(a.renamed_at for a in life.accounts)
    assert any(a.closed_at for a in life.accounts)


def test_brand_posts_when_cross_posted_then_each_repeats_one_on_x_within_half_an_hour(
    world: World, life: BlueskyWorld
) -> None:
    originals = [p for p in world.posts if p.account.network == "x" and p.author is None]
    posts = [p for p in life.posts if p.author == BRAND_KEY and not p.parent]

    assert len(posts) / len(originals) == pytest.approx(0.7, abs=0.1)
    for post in posts:
        assert any(
            original.text == post.text
            and timedelta(0) < post.posted_at - original.published_at <= timedelta(minutes=30)
            for original in originals
        )


def test_replies_when_generated_then_they_follow_what_they_answer_and_name_its_root(
    life: BlueskyWorld,
) -> None:
    posts = {post.number: post for post in life.posts}
    replies = [post for post in life.posts if post.parent]

    assert len(replies) > 300
    for reply in replies:
        parent = posts[reply.parent]
        assert reply.posted_at > parent.posted_at
        assert reply.root == (parent.root or parent.number)
        if parent.author == BRAND_KEY and not parent.parent:
            assert parent.deleted_at is None or reply.posted_at < parent.deleted_at
    assert any(r.author == BRAND_KEY for r in replies)


def test_acts_when_generated_then_nobody_acts_twice_on_a_post_nor_after_leaving(
    life: BlueskyWorld,
) -> None:
    closed = {account.key: account.closed_at for account in life.accounts}
    done = Counter((a.kind, a.author, a.post, a.followed) for a in life.acts if a.post)

    assert set(done.values()) == {1}
    assert {a.kind for a in life.acts} == {"like", "repost", "follow"}
    for act in life.acts:
        left_at = closed[act.author]
        assert left_at is None or act.at < left_at
        assert act.undone_at is None or act.undone_at > act.at
        assert act.author != act.followed


def test_clients_when_they_lie_then_few_do_and_the_brand_never(life: BlueskyWorld) -> None:
    forged = [p for p in life.posts if p.declared_at != p.posted_at]

    assert 0 < len(forged) < 0.03 * len(life.posts)
    assert BRAND_KEY not in {p.author for p in forged}
