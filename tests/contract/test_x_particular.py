"""What only X does: vocabularies, money, edits, hidden authors, a user's token."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pipelines.loading.results import Status
from pipelines.world.fakenet.faults import FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import EachItem, restated
from pipelines.world.fakenet.x_gate import REFRESH_TOKEN
from pipelines.world.fakenet.x_names import BRAND_ID, snowflake
from tests.contract.cases import FOR_EVER, OpenHome
from tests.contract.suite import files_with
from tests.contract.test_x import CASE, LOOKUP, QUOTER, TWEETS, facade, problem
from tests.support.apis import ApiHome

__all__ = ["CASE"]
DAY = 86_400


def asked(home: ApiHome, path: str) -> list[str]:
    return [r.target for r in home.net.log.of("x") if r.target.partition("?")[0].endswith(path)]


def posts(home: ApiHome) -> list[tuple[Any, ...]]:
    return home.newest("posts", "first_id, id, text, conversation_id, replied_to_id, quoted_id")


def test_night_when_the_server_speaks_the_other_dialect_then_it_is_switched_once(
    opened: OpenHome,
) -> None:
    home = opened()
    facade(home).dialects = ("tweet",)
    assert home.night().status is Status.OK
    assert (
        len(home.newest("posts", where="is_own"))
        == facade(home).expected(home.clock.now())["tweets"]
    )
    figures = (
        "select metric, count(value) = count(*) from raw_x.metrics where object_kind = 'posts'"
    )
    assert dict(home.rows(f"{figures} group by metric"))["reposts"]
    references = "select count(replied_to_id) > 5, count(quoted_id) > 0 from raw_x.posts"
    assert home.rows(references) == [(True, True)]
    refused = "select count(*) from raw_x.requests where status = 400"
    assert home.rows(refused) == [(1,)]
    assert ["post.fields" in target for target in asked(home, "/tweets")][:2] == [True, False]
    assert home.rows("select resource, reason from raw_x.source_capability_events") == [
        ("posts", "other_dialect")
    ]


@pytest.mark.long
def test_night_when_neither_dialect_is_known_then_it_ends_after_two_questions(
    opened: OpenHome,
) -> None:
    unknown = [
        {
            "parameters": {name: ["id"]},
            "message": f"The query parameter [{name}] is not one of [ids]",
        }
        for name in ("post.fields", "tweet.fields")
    ]
    script = FaultScript(Rule("x", TWEETS, problem(400, "invalid-request", errors=unknown)))
    home = opened(script=script)
    result = home.night()
    assert result.status is Status.PARTIAL
    assert "neither vocabulary" in " ".join(result.problems())
    assert len(asked(home, "/tweets")) == 2


@pytest.mark.long
def test_night_when_both_dialects_answer_and_differ_then_the_new_name_counts_and_it_is_noted(
    opened: OpenHome,
) -> None:
    def add_old(holder: dict[str, Any], name: str) -> None:
        holder["retweet_count"] = holder[name] + 1000

    fault = EachItem("public_metrics.repost_count", add_old)
    home = opened(script=FaultScript(Rule("x", TWEETS, fault)))
    assert home.night().status is Status.OK
    found = home.rows("select max(value) < 1000 from raw_x.metrics where metric = 'reposts'")
    assert found == [(True,)]
    events = "select resource, subject, reason from raw_x.source_capability_events"
    assert home.rows(events) == [("posts", "repost_count", "dialects_differ")]


def test_night_when_the_money_ends_then_pages_shrink_and_no_more_than_that_is_spent(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    monkeypatch.setenv("SOURCES__X__USD_PER_RUN", "0.26")
    result = home.night()
    assert result.status is Status.PARTIAL
    assert "the budget of the run is used up" in " ".join(result.problems())
    # 0.01 for the account leaves 50 posts of 0.005; the timeline has more than 30 of them.
    sizes = [t.partition("max_results=")[2].partition("&")[0] for t in asked(home, "/tweets")]
    assert sizes == ["50"]
    spent = home.rows("select sum(cost_micro) from raw_x.requests")[0][0]
    assert 200_000 < spent <= 260_000
    assert len(home.newest("posts", where="is_own")) > 30  # what was read is kept
    # What was spent this month counts the next night.
    monkeypatch.setenv("SOURCES__X__USD_PER_RUN", "10")
    monkeypatch.setenv("SOURCES__X__USD_PER_MONTH", "0.26")
    result = home.night()
    assert "the budget of the month is used up" in " ".join(result.problems())
    total = home.rows("select sum(cost_micro) from raw_x.requests")[0][0]
    assert total <= 260_000


@pytest.mark.long
def test_nights_when_posts_are_edited_restated_and_hidden_then_versions_observations_and_ends(
    opened: OpenHome,
) -> None:
    home = opened()
    home.night()
    store, now = facade(home).store, home.clock.now()
    own = next(row for row in posts(home) if row[2] == "Planted")[0]
    first = {(text,): post_id for post_id, _, text, *_ in posts(home)}
    assert first[("Look at that",)]
    edited_at = datetime.fromtimestamp(((int(own) >> 22) + 1288834974657) / 1000, UTC)
    edited_at += timedelta(minutes=20)
    new_id, fields = snowflake(edited_at, 990), dict(facade(home).view(now).posts[own].fields)
    history = {"history": (own, new_id)}
    store.create("post", new_id, fields | history | {"text": "Planted, edited"}, edited_at)
    store.change("post", own, history | {"is_superseded": True}, edited_at)
    store.change("user", QUOTER, {"protected": True}, now)  # hides what was written
    home.net.script.add(
        Rule("x", TWEETS, restated("public_metrics.impression_count", 0.5), Nth(1, FOR_EVER))
    )
    home.clock.sleep(DAY)
    assert home.night().status is Status.OK
    current = {row[0]: row for row in posts(home)}
    assert current[own][1:3] == (new_id, "Planted, edited")
    versions = home.rows("select text from raw_x.posts where first_id = $own order by 1", own=own)
    assert versions == [("Planted",), ("Planted, edited",)]
    hidden = home.rows("select text from raw_x.posts where _is_deleted order by 1")
    assert {("Look at that",), ("Nobody named",)} <= set(hidden)
    both = home.rows(
        "select object_id, list(value order by slot) as seen from raw_x.metrics"
        " where metric = 'impressions' and object_kind = 'posts' group by all having len(seen) = 2"
    )
    falls = [seen for _, seen in both if seen[1] < seen[0]]
    assert falls  # a fall is an observation like any other
    looked_up = [target for target in asked(home, "/2/tweets") if "ids=" in target]
    assert 0 < len(looked_up) <= 2
    assert home.rows(
        "select count(*) > 0 from raw_x.requests where url_template = '/2/tweets'"
    ) == [(True,)]


@pytest.mark.long
def test_nights_when_read_as_a_user_then_likes_own_figures_and_a_new_refresh_token_each_time(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    home = opened()
    view, oldest = facade(home).view(home.clock.now()), home.clock.now() - timedelta(days=30)
    own = [s for s in view.slots if s.fields["author"] == BRAND_ID and view.is_seen(s)]
    young = [s.fields["first"] for s in own if s.created_at >= oldest]
    users = {(first, s.fields["user"]) for first in young for s in view.likes.get(first, ())}
    likes = sum(view.is_public(user) for _, user in users)
    file = tmp_path / "refresh-token"
    file.write_text(REFRESH_TOKEN)
    monkeypatch.setenv("SOURCES__X__REFRESH_TOKEN_FILE", str(file))
    monkeypatch.setenv("SOURCES__X__CLIENT_ID", "the-client")
    seen = {REFRESH_TOKEN}
    for _ in range(2):
        assert home.night().status is Status.OK
        seen.add(file.read_text())
        home.clock.sleep(DAY)
    assert len(seen) == 3
    assert file.stat().st_mode & 0o077 == 0
    assert len(home.newest("likes")) == likes > 0
    figures = home.rows(
        "select metric, count(*) > 0, count(value) = count(*) from raw_x.metrics"
        " where starts_with(metric, 'author_') group by metric order by metric"
    )
    assert figures == [
        ("author_impression_count", True, True),
        ("author_url_link_clicks", True, True),
        ("author_user_profile_clicks", True, True),
    ]
    assert files_with(home, (*seen, "fakeUser")) == []


@pytest.mark.long
def test_night_when_the_app_may_not_look_up_posts_then_nothing_has_ended(opened: OpenHome) -> None:
    home = opened()
    home.night()
    before = home.objects()
    for post_id in [row[0] for row in before["posts"]]:
        facade(home).store.delete("post", post_id, home.clock.now())
    home.net.script.add(Rule("x", LOOKUP, problem(403, "client-forbidden"), Nth(1, FOR_EVER)))
    home.clock.sleep(DAY)
    home.night()
    assert home.newest("posts") == before["posts"]


@pytest.mark.long
def test_night_when_mentions_are_forbidden_then_the_rest_is_read_and_a_line_says_so(
    opened: OpenHome,
) -> None:
    home = opened()
    facade(home).gate.forbidden.add("mentions")
    result = home.night()
    assert result.status is Status.PARTIAL
    assert "posts: client-forbidden" in " ".join(result.problems())
    assert len(home.newest("posts", where="is_own")) > 30
    assert home.newest("followers") != []
    # Answers that name the brand were not read: the search must bring them instead.
    assert all("-%40" not in target for target in asked(home, "/search/recent"))


@pytest.mark.long
def test_night_when_the_handle_is_given_instead_of_the_id_then_the_same(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_id = opened()
    by_id.night()
    by_name = opened()
    handle = facade(by_id).view(by_id.clock.now()).users[BRAND_ID].fields["username"]
    monkeypatch.setenv("SOURCES__X__ACCOUNTS", json.dumps([f"@{handle}"]))
    assert by_name.night().status is Status.OK
    assert by_name.objects() == by_id.objects()
