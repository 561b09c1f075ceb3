"""X and LinkedIn from the simulated network to staging, against the truth of its world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.contract import PiiKind
from pipelines.privacy import load_key
from pipelines.privacy.identifiers import normalise
from pipelines.settings import Settings
from pipelines.sources.linkedin import LINKEDIN
from pipelines.sources.x import X
from pipelines.world.fakenet.linkedin_store import ORGANIZATION, activity_urn, person_urn, post_urn
from pipelines.world.fakenet.x_names import BRAND_ID, snowflake, x_message_id, x_post_id
from pipelines.world.linkedin import build_linkedin
from pipelines.world.networks import network_life
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world
from tests.conftest import TEST_KEY
from tests.support.acts import rows
from tests.support.apis import open_home
from tests.support.dbt_runs import run_dbt

EXACT = timedelta(milliseconds=1)  # ids and stamps of both networks tell milliseconds
Found = dict[str, dict[str, Any]]


@dataclass
class Staged:
    """A build file with the staging of one night, and the world that was read."""

    world: World
    con: duckdb.DuckDBPyConnection
    settings: Settings

    def by_id(self, table: str, where: str = "true") -> Found:
        """Rows of a staging table by native id."""
        cursor = self.con.execute(f"select * from staging.{table} where {where}")
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        return {row["native_id"]: row for row in found}

    def person(self, network: str, native_id: str) -> str:
        """The pseudonym of a profile."""
        kind = PiiKind.PROFILE
        return load_key(self.settings).subject_key(kind, normalise(kind, native_id, network))

    def hashed(self, network: str, kind: str, native_id: str) -> str:
        """The id that the warehouse gives an object."""
        return str(rows(self.con, f"select md5('{network}|{kind}|{native_id}')")[0][0])


@pytest.fixture(scope="module")
def staged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Staged]:
    world = build_world(WorldParameters(people=60, weeks=8))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ROR_PSEUDONYM_KEY", TEST_KEY)
        home = open_home(X, world, tmp_path_factory.mktemp("networks"), patch)
        try:
            home.night()
            replace(home, source=LINKEDIN).night()
        finally:
            home.net.__exit__(None, None, None)
        patch.setenv("ROR_SOURCES", "x,linkedin")
        models = ("path:models/staging/x", "path:models/staging/linkedin")
        run_dbt(home.settings.root, "run", "--select", *models)
        with duckdb.connect(str(home.settings.build_file), read_only=True) as con:
            yield Staged(world, con, home.settings)


def is_near(found: datetime, expected: datetime) -> bool:
    return abs(found - expected) < EXACT


def test_posts_of_x_when_staged_then_those_of_the_world_each_once_whatever_its_edits(
    staged: Staged,
) -> None:
    end = staged.world.parameters.as_of
    life = [
        p for p in network_life(staged.world, "x").posts
        if p.post.author is None and not (p.deleted_at and p.deleted_at <= end)
    ]  # fmt: skip
    found = staged.by_id("stg_x__posts")
    assert set(found) == {x_post_id(p.post) for p in life}
    edited = 0
    for published in life:
        row = found[x_post_id(published.post)]
        assert is_near(row["published_at"], published.post.published_at)
        assert row["text"].startswith(published.post.text)
        assert (row["account_id"], row["post_kind"]) == (BRAND_ID, "post")
        edited += published.edited_at is not None
        assert (row["text"] != published.post.text) is (published.edited_at is not None)
    assert edited > 0


def test_messages_of_x_when_staged_then_authors_directions_times_and_places_are_true(
    staged: Staged,
) -> None:
    messages = {m.message_id: m for m in staged.world.said.messages if m.account.network == "x"}
    truth = {x_message_id(m): m for m in messages.values() if m.kind != "dm"}
    posts = {p.post_id: p for p in staged.world.posts}
    found = staged.by_id("stg_x__messages")
    life = network_life(staged.world, "x")
    gone = {x_message_id(s.message) for s in life.messages if s.deleted_at}
    away = {m.profile.profile_id for m in life.members if m.protected_at or m.suspended_at}
    shown = {
        key for key, message in truth.items()
        if not (message.author and message.author.profile_id in away) and key not in gone
    }  # fmt: skip
    assert set(found) == shown
    assert len(found) > 25
    for native_id, row in found.items():
        message = truth[native_id]
        author = message.author.profile_id if message.author else BRAND_ID
        assert row["author_profile_key"] == staged.person("x", author)
        assert is_near(row["sent_at"], message.sent_at)
        assert (row["message_kind"], row["direction"]) == (message.kind, message.direction)
        if message.parent_id in messages:
            parent = x_message_id(messages[message.parent_id])
            assert row["parent_message_id"] == staged.hashed("x", "message", parent)
        if message.post_id and x_post_id(posts[message.post_id]) in staged.by_id("stg_x__posts"):
            post = staged.hashed("x", "post", x_post_id(posts[message.post_id]))
            assert row["post_id"] == post


def test_people_of_x_when_staged_then_everybody_who_wrote_or_reposted_has_a_profile(
    staged: Staged,
) -> None:
    missing = rows(
        staged.con,
        "select count(*) from (select author_profile_key as key from staging.stg_x__messages"
        " where direction <> 'outbound' union select profile_key from staging.stg_x__reactions)"
        " where key not in (select profile_key from staging.stg_x__profiles)",
    )
    assert missing == [(0,)]
    handles = "select count(*) = count(handle_key) from staging.stg_x__profiles"
    assert rows(staged.con, handles) == [(True,)]
    follows = "select count(*) from staging.stg_x__reactions where act = 'follow'"
    assert rows(staged.con, follows) == [(0,)]  # since when is not known on the first night


def test_figures_of_x_when_staged_then_each_post_has_its_counters(staged: Staged) -> None:
    found = rows(
        staged.con,
        "select metric, count(distinct post_id), count(value) from staging.stg_x__post_metrics"
        " group by metric order by metric",
    )
    posts = len(staged.by_id("stg_x__posts"))
    names = ("bookmarks", "impressions", "likes", "quotes", "replies", "reposts")
    assert found == [(name, posts, posts) for name in names]


def test_linkedin_when_staged_then_posts_comments_and_reactions_of_the_world(
    staged: Staged,
) -> None:
    world, seed = build_linkedin(staged.world), staged.world.parameters.seed
    posts = {post.number: post for post in world.posts if not post.deleted_at}
    found = staged.by_id("stg_linkedin__posts")
    assert set(found) == {post_urn(post) for post in posts.values()}
    for post in posts.values():
        row = found[post_urn(post)]
        assert is_near(row["published_at"], post.posted_at)
        assert row["text"] == post.text + (" (edit)" if post.edited_at else "")
        assert row["post_kind"] == ("video" if post.is_video else "post")
    every = {comment.number: comment for comment in world.comments}
    comments = {
        c.number: c for c in world.comments
        if not c.deleted_at and c.post in posts
        and not (c.parent and every[c.parent].deleted_at)
    }  # fmt: skip
    said = staged.by_id("stg_linkedin__messages")
    assert len(said) == len(comments) > 20
    stamps = {(row["sent_at"], row["author_profile_key"]): row for row in said.values()}
    for comment in comments.values():
        author = person_urn(seed, comment.author) if comment.author else ORGANIZATION
        row = stamps[comment.at, staged.person("linkedin", author)]
        assert row["text"] == comment.text
        assert row["direction"] == ("inbound" if comment.author else "outbound")
        assert row["message_kind"] == ("reply" if comment.parent else "comment")
        post = post_urn(posts[comment.post])
        assert row["post_id"] == staged.hashed("linkedin", "post", post)
        assert activity_urn(posts[comment.post]) in row["native_id"]
    acts = staged.by_id("stg_linkedin__reactions")
    done = [r for r in world.reactions if not r.undone_at and r.post in posts]
    assert len(acts) == len(done) > 20
    by_person = {(row["target_id"], row["profile_key"]): row for row in acts.values()}
    for reaction in done:
        target = staged.hashed("linkedin", "post", post_urn(posts[reaction.post]))
        key = staged.person("linkedin", person_urn(seed, reaction.author))
        assert by_person[target, key]["reacted_at"] == reaction.at


def test_snowflake_when_an_id_is_decoded_then_its_instant() -> None:
    """The example of the network's own encyclopedia article: 2022-06-28 16:07:40.105 UTC."""
    at = datetime.fromisoformat("2022-06-28T16:07:40.105+00:00")
    assert int(snowflake(at, 0)) >> 22 == 1541815603606036480 >> 22
    with duckdb.connect() as con:
        sql = "make_timestamptz((('1541815603606036480'::bigint >> 22) + 1288834974657) * 1000)"
        assert con.execute(f"select {sql}").fetchone() == (at,)
