"""Sprout Social in staging, against what the world knows of itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, timedelta

import duckdb
import pytest

from pipelines.sources.sprout import SPROUT
from pipelines.sources.x import X
from pipelines.world.fakenet.sprout_store import native_post_id
from pipelines.world.networks import network_life
from pipelines.world.parameters import NETWORKS, WorldParameters
from pipelines.world.world import World, build_world
from tests.support.acts import rows
from tests.support.apis import ApiHome, staged_home


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(WorldParameters(people=60, weeks=8, seed=6))


@pytest.fixture(scope="module")
def home(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiHome]:
    """One night of Sprout and one of X, staged: X is told twice."""
    with staged_home((SPROUT, X), world, tmp_path_factory.mktemp("sprout")) as staged:
        yield staged


def test_posts_when_staged_then_networks_times_and_figures_are_the_worlds(
    built: duckdb.DuckDBPyConnection, world: World, home: ApiHome
) -> None:
    published = {
        (network, native_post_id(one.post)): one
        for network in NETWORKS
        for one in network_life(world, network).posts
        if one.appeal is not None
    }
    expected = {
        (network, one.post.published_at.astimezone(UTC).replace(microsecond=0), one.post.campaign)
        for (network, _), one in published.items()
    }
    found = rows(built, "select network, published_at, campaign from staging.stg_sprout__posts")
    assert {(n, at.astimezone(UTC), campaign or "") for n, at, campaign in found} == expected
    assert len(found) == len(published) > 30
    known = rows(
        built,
        "select posts.network, raw.native_id, metric, value from staging.stg_sprout__post_metrics"
        " join staging.stg_sprout__posts as posts using (post_id)"
        " join raw_sprout.posts as raw on posts.native_id = 'sprout|' || raw.guid"
        " where metric in ('impressions', 'likes', 'comments')",
    )
    now = home.clock.now()
    wanted = set()
    for (network, native_id), one in published.items():
        # The fake refreshes figures daily for sixty days.
        age = now - one.post.published_at - timedelta(microseconds=1)
        figures = one.figures(one.post.published_at + timedelta(days=min(59, age.days)))
        wanted |= {
            (network, native_id, name, figures[name])
            for name in ("impressions", "likes", "comments")
        }
    assert set(known) == wanted


def test_messages_when_staged_then_authors_and_directions_are_the_worlds(
    built: duckdb.DuckDBPyConnection, world: World, clear: dict[str | None, str | None]
) -> None:
    expected = []
    for network in NETWORKS:
        life = network_life(world, network)
        for said in life.messages:
            author = said.message.author
            name = f"{network}|{author.handle.lower()}" if author else f"{network}|beanandbond"
            expected.append((network, name, "outbound" if author is None else "inbound",
                             said.message.text))  # fmt: skip
        expected += [
            (network, f"{network}|{one.post.author.handle.lower()}", "inbound", one.post.text)
            for one in life.posts
            if one.post.author is not None
        ]
    found = rows(
        built,
        "select network, author_profile_key, direction, text from staging.stg_sprout__messages",
    )
    readable = [(network, clear[key], *rest) for network, key, *rest in found]
    marked = sorted((n, a, d, t.removesuffix(" (edit)")) for n, a, d, t in readable)
    assert marked == sorted(expected)
    assert len(expected) > 100


def test_messages_when_they_belong_to_one_case_then_they_are_one_thread(
    built: duckdb.DuckDBPyConnection,
) -> None:
    threads = rows(
        built,
        "select case_id, count(distinct thread_id), count(*), bool_or(direction = 'outbound')"
        " from staging.stg_sprout__messages where case_id is not null group by 1",
    )
    assert len(threads) > 2
    assert {count for _, count, _, _ in threads} == {1}
    assert any(count > 1 and is_answered for _, _, count, is_answered in threads)


def test_posts_when_x_tells_them_itself_then_ids_are_the_same(
    built: duckdb.DuckDBPyConnection,
) -> None:
    """So that what Sprout retells does not count twice."""
    both = rows(
        built,
        "select count(*), count(*) filter (x.post_id is not null) from staging.stg_sprout__posts"
        " as posts left join staging.stg_x__posts as x using (post_id)"
        " where posts.network = 'x' and posts.published_at > (select min(published_at)"
        " from staging.stg_x__posts)",
    )
    ((count, known),) = both
    assert known / count > 0.8  # the others were deleted on X
    accounts = rows(
        built,
        "select count(*) from staging.stg_sprout__accounts join staging.stg_x__accounts"
        " using (network, account_id)",
    )
    assert accounts == [(1,)]
    handles = rows(
        built,
        "select count(*) > 0 from staging.stg_sprout__profiles as sprout"
        " join staging.stg_x__profiles as x using (handle_key) where sprout.network = 'x'",
    )
    assert handles == [(True,)]
