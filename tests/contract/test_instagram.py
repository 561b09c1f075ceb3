"""Instagram, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from pipelines.loading.results import Status
from pipelines.sources import meta_reads
from pipelines.sources.instagram import INSTAGRAM
from pipelines.sources.instagram_figures import MEDIA_METRICS
from pipelines.world.fakenet.faults import ExpireTokens, Rule
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EmptyPage,
    ForeignNext,
)
from pipelines.world.fakenet.faults_wire import (
    Drop,
    ForeignRedirect,
    GzipBomb,
    Html,
    Oversized,
    RateExhausted,
    Truncate,
)
from pipelines.world.fakenet.faults_wire import Status as Answers
from pipelines.world.fakenet.graph_tokens import INSTAGRAM_TOKEN, PAGE_TOKEN, USER_TOKEN
from pipelines.world.fakenet.instagram import Instagram
from pipelines.world.fakenet.instagram_store import ACCOUNT_ID
from tests.contract.cases import (
    Case,
    LargeIds,
    Objects,
    OpenHome,
    Passing,
    Renamed,
    Staying,
    numbers_beyond_double,
)
from tests.contract.graph import graph_error, new_tokens, passing_of, restated_by
from tests.contract.suite import ContractSuite
from tests.support.apis import ApiHome

MEDIA, COMMENTS = f"GET /v26.0/{ACCOUNT_ID}/media", "GET /v26.0/*/comments"
STORIES, TAGS = f"GET /v26.0/{ACCOUNT_ID}/stories", f"GET /v26.0/{ACCOUNT_ID}/tags"
INSIGHTS = "GET /v26.0/17*/insights"


def facade(home: ApiHome) -> Instagram:
    found = home.net.facades["instagram"]
    assert isinstance(found, Instagram)
    return found


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """A medium with everything below it, a comment below another one, and a tag."""
    view = facade(home).graph.view(home.clock.now())
    comments = {seen.record_id: seen for seen in view.comments}
    medium = next(iter(comments.values())).fields["media"]
    other = next(key for key, seen in comments.items() if seen.fields["media"] != medium)
    tag = view.tags[0].record_id
    at = home.clock.now()
    for kind, key in (("media", medium), ("comment", other), ("media", tag)):
        facade(home).store.delete(kind, key, at)
    left = {seen.record_id for seen in facade(home).graph.view(at).comments}
    return {"media": {medium}, "comments": set(comments) - left, "tags": {tag}}


def personal(home: ApiHome) -> set[str]:
    """Ids and handles of everybody who wrote something."""
    view = facade(home).graph.view(home.clock.now())
    people = [seen.fields["from"] for seen in view.comments]
    people += [seen.fields["owner"] for seen in view.tags]
    others = [person for person in people if person["id"] != ACCOUNT_ID]
    return {text for person in others for text in (person["id"], person["username"])}


CASE = Case(
    source=INSTAGRAM,
    facade="instagram",
    oracle={
        ("accounts", f"id = '{ACCOUNT_ID}'"): lambda _: 1,
        ("media", "true"): lambda e: e["media"],
        ("stories", "true"): lambda e: e["stories"],
        ("tags", "true"): lambda e: e["tags"],
        ("comments", "true"): lambda e: e["comments"],
    },
    size=(meta_reads, "PAGE_SIZE"),
    sizes=(1, 7),
    small=3,
    nights=(14, 1, 13),
    ends_in=("media", "comments"),
    met=frozenset({"profiles", "stories"}),
    whole_after=timedelta(0),
    nights_to_end=2,
    delete=delete,
    passing=passing_of(MEDIA, COMMENTS, INSIGHTS)
    | {
        "connection dropped": Passing(COMMENTS, Drop()),
        "body cut off": Passing(MEDIA, Truncate(200)),
        "duplicate across pages": Passing(MEDIA, DuplicateAcrossPages(), 50),
        "empty page with a next link": Passing(MEDIA, EmptyPage()),
        "foreign next link": Passing(MEDIA, ForeignNext(), 2),
    },
    staying={
        "token expired mid-page": Staying(
            MEDIA, ExpireTokens(), "token refused (190/463: it has expired)", 3, new_tokens
        ),
        "permission missing": Staying(COMMENTS, graph_error(10), "comments: permission"),
        "permission missing, 200": Staying(INSIGHTS, graph_error(200), "insights: permission"),
        "throttled for days": Staying(COMMENTS, RateExhausted("far_ahead"), "a wait of", 2),
        "throttled for an hour": Staying(
            COMMENTS, RateExhausted("minutes", 3600), "a wait of 3600 s", 2
        ),
        "throttled without end": Staying(COMMENTS, RateExhausted("none"), "throttled (80002)", 2),
        "blocked": Staying(COMMENTS, graph_error(368), "368", 2),
        "error with status 200": Staying(MEDIA, graph_error(12345, status=200), "code 12345", 2),
        "error without a code": Staying(MEDIA, Answers(200, {"error": {}}), "no data", 2),
        "HTML page that stays": Staying(MEDIA, Html(), "no JSON", 2),
        "cursor loop": Staying(MEDIA, CursorLoop(), "leads back"),
        "redirect to another host": Staying(MEDIA, ForeignRedirect(), "foreign origin", 2),
        "oversized page": Staying(MEDIA, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(MEDIA, GzipBomb(400_000_000), "larger", 2),
        "everything refused": Staying(
            "GET *", graph_error(190, 460), "changed the password", is_all=True
        ),
    },
    renamed=Renamed(MEDIA, "timestamp", "media", "tags"),
    large_ids=LargeIds(TAGS, numbers_beyond_double("id"), "tags", "id"),
    secrets=(INSTAGRAM_TOKEN, USER_TOKEN, PAGE_TOKEN),
    personal=personal,
    free_texts=frozenset({"text", "caption"}),
    run_always=frozenset({"throttled for an hour"}),
)


class TestInstagram(ContractSuite):
    case = CASE


def observed(home: ApiHome, where: str, columns: str = "metric, value, reason") -> list[Any]:
    return home.rows(f"select distinct {columns} from raw_instagram.metrics where {where}")


def test_account_when_its_ids_are_of_two_types_then_both_land_as_texts(good_home: ApiHome) -> None:
    home = good_home
    assert home.newest("accounts", "id, ig_id") == [(ACCOUNT_ID, "51000000001")]
    assert all(ig_id.isdigit() for (ig_id,) in home.newest("media", "ig_id"))


def test_night_when_the_token_is_a_users_then_the_account_of_the_page_is_read_alike(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    monkeypatch.setenv("SOURCES__INSTAGRAM__ACCESS_TOKEN", USER_TOKEN)
    monkeypatch.setenv("SOURCES__INSTAGRAM__LOGIN", "facebook")
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
    files = [path for path in home.settings.root.rglob("*") if path.is_file()]
    assert [path for path in files if PAGE_TOKEN.encode() in path.read_bytes()] == []


def test_night_when_media_were_measured_then_their_figures_are_those_of_the_world(
    good_home: ApiHome,
) -> None:
    home = good_home
    expected = facade(home).expected(home.clock.now())
    of_media = "from raw_instagram.metrics where object_kind = 'media' and metric = 'views'"
    ((views, measured),) = home.rows(f"select sum(value), count(value) {of_media}")
    assert views == expected["media_views"]
    assert measured == expected["media_with_figures"]
    # An empty answer is no zero.
    without = home.rows(f"select distinct reason {of_media} and value is null")
    assert set(without) <= {("not_yet_available",), ("not_reported",)}
    assert len(without) > 0


def test_night_when_days_are_read_then_each_has_its_own_total(good_home: ApiHome) -> None:
    home = good_home
    expected = facade(home).expected(home.clock.now())
    days = observed(
        home, "metric = 'views' and period = 'day' and value is not null", "period_end_at"
    )
    assert len(days) == expected["insight_days"]
    reached = observed(
        home, "metric = 'reach' and period = 'day' and value is not null", "period_end_at"
    )
    assert len(reached) == expected["insight_days"]


def story_time(home: ApiHome) -> Any:
    """An instant at which a story stands that stays: its id and two hours after its birth."""
    stories = facade(home).graph.view(home.clock.now()).all_stories
    return stories[-1].record_id, stories[-1].created_at + timedelta(hours=2)


def test_stories_when_read_in_several_slots_then_one_observation_in_each(opened: OpenHome) -> None:
    probe = opened()
    story, at = story_time(probe)
    home = opened(at=at)
    home.night()
    assert home.night().rows.get("metrics", 0) == 0  # the same slot
    home.clock.sleep(timedelta(hours=6).total_seconds())
    home.night()
    slots = observed(home, f"object_id = '{story}' and metric = 'views'", "slot")
    assert len(slots) == 2
    assert all(slot[-3] == "T" and slot[-2:] in ("00", "06", "12", "18") for (slot,) in slots)
    parts = observed(home, f"object_id = '{story}' and metric = 'navigation'", "breakdown")
    assert {part for (part,) in parts} >= {None, "tap_forward", "tap_exit"}


def test_stories_when_too_few_people_saw_them_then_no_value_and_the_reason(
    opened: OpenHome,
) -> None:
    probe = opened()
    story, at = story_time(probe)
    home = opened(at=at)
    facade(home).store.change("figures", story, {"reach": 4}, at)
    assert home.night().status is Status.OK
    found = observed(home, f"object_id = '{story}'", "value, reason")
    assert found == [(None, "too_few_viewers")]


@pytest.mark.long
def test_stories_when_their_day_is_over_then_they_stay_in_the_history(opened: OpenHome) -> None:
    probe = opened()
    story, at = story_time(probe)
    home = opened(at=at)
    home.night()
    home.clock.sleep(timedelta(days=2).total_seconds())
    home.night()
    home.clock.sleep(timedelta(days=1).total_seconds())
    home.night()
    assert story in {row[0] for row in home.newest("stories", "id")}


@pytest.mark.long
def test_night_when_a_metric_is_dead_among_many_then_only_reels_lack_it(opened: OpenHome) -> None:
    home = opened()
    dead = "reels_skip_rate"
    facade(home).insights.retired[dead] = home.clock.now()
    assert home.night().status is Status.OK
    found = observed(home, f"metric = '{dead}'", "object_kind, value, reason")
    assert found == [("media", None, "metric_unavailable")]
    came = observed(home, "object_kind = 'media' and value is not null", "metric")
    assert {metric for (metric,) in came} >= set(MEDIA_METRICS["REELS"]) - {dead}
    events = "select resource, subject from raw_instagram.source_capability_events"
    assert home.rows(events) == [("reels_insights", dead)]


@pytest.mark.long
def test_nights_when_figures_are_restated_then_both_values_stay(opened: OpenHome) -> None:
    home = opened()
    home.night()
    home.net.script.add(Rule("instagram", INSIGHTS, restated_by(0.5)))
    home.clock.sleep(timedelta(days=1).total_seconds())
    home.night()
    found = home.rows(
        """
        select object_id, list(value order by slot) as seen from raw_instagram.metrics
        where metric = 'views' and object_kind = 'media' and value is not null
        group by all having len(seen) = 2
        """
    )
    assert len(found) >= 2
    assert all(second < first for _, (first, second) in found)


def test_comments_when_one_has_more_answers_than_a_page_then_all_of_them_land(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipelines.sources.instagram_reads.COMMENT_FIELDS", SHORT)
    home = opened()
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
    assert [r for r in home.net.log.of("instagram") if "/replies?" in r.target] != []


SHORT = (
    "id", "text", "timestamp", "from{id,username}", "username", "like_count", "hidden", "parent_id",
    "replies.limit(1){id,text,timestamp,from{id,username},username,like_count,hidden,parent_id}",
)  # fmt: skip
