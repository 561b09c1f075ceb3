"""Facebook Pages, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipelines.loading.results import Status
from pipelines.sources import meta_reads
from pipelines.sources.facebook import FACEBOOK
from pipelines.sources.facebook_figures import POST_METRICS
from pipelines.sources.hubspot import HUBSPOT
from pipelines.world.fakenet.facebook import Facebook
from pipelines.world.fakenet.facebook_kinds import POST_FIELDS
from pipelines.world.fakenet.facebook_store import PAGE_ID
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
from pipelines.world.fakenet.graph_tokens import PAGE_TOKEN, USER_TOKEN
from pipelines.world.fakenet.server import FakeNet
from tests.contract.cases import (
    OF_THE_LOADER,
    Case,
    LargeIds,
    OpenHome,
    Passing,
    Renamed,
    Staying,
    numbers_beyond_double,
)
from tests.contract.graph import graph_error, new_tokens, passing_of, restated_by
from tests.contract.suite import ContractSuite
from tests.support.apis import ApiHome

POSTS, COMMENTS = "GET /v26.0/*/published_posts", "GET /v26.0/*/comments"
VIDEOS, INSIGHTS = "GET /v26.0/*/videos", "GET /v26.0/*_*/insights"
PAGE_INSIGHTS = f"GET /v26.0/{PAGE_ID}/insights"


def facade(home: ApiHome) -> Facebook:
    found = home.net.facades["facebook"]
    assert isinstance(found, Facebook)
    return found


def plant(net: FakeNet, end: datetime) -> None:
    """What people write on the page, about it and of it, and what is answered; 40 days before."""
    store = net.facades["facebook"].store
    ana, ben = ({"name": f"{n} Planted", "id": f"77000000000000{n}"} for n in (1, 2))
    at = end - timedelta(days=40)
    page = {"name": "Bean & Bond", "id": PAGE_ID}
    post = {"message": "Hello", "kind": "post", "is_boosted": False, "video": ""}
    on_page, tagging, story = f"{PAGE_ID}_500001", f"{ana['id']}_500002", f"{PAGE_ID}_500003"
    store.create("post", on_page, post | {"from": ana, "is_tag": False}, at)
    store.create("post", tagging, post | {"from": ana, "is_tag": True}, at)
    store.create("review", story, {"from": ben, "text": "Nice", "rating": 4}, at)
    for number, (on, author) in enumerate(
        ((on_page, page), (tagging, ben), (tagging, page), (story, page))
    ):
        said = {"on": on, "from": author, "message": "So?", "parent": "", "is_hidden": False}
        store.create("comment", f"50000{number}_60000{number}", said, at + timedelta(hours=1))


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """A post with everything below it, a comment below another post, a review, and a video."""
    view = facade(home).graph.view(home.clock.now())
    comments = {seen.record_id: seen for seen in view.comments}
    post_id = next(s.fields["on"] for s in comments.values() if s.fields["on"].startswith(PAGE_ID))
    other = next(key for key, seen in comments.items() if seen.fields["on"] != post_id)
    review = view.reviews[0].record_id
    at = home.clock.now()
    for kind, key in (("post", post_id), ("comment", other), ("review", review)):
        facade(home).store.delete(kind, key, at)
    left = {seen.record_id for seen in facade(home).graph.view(at).comments}
    return {"posts": {post_id}, "comments": set(comments) - left, "reviews": {review}}


def personal(home: ApiHome) -> set[str]:
    """Ids and whole names of everybody who wrote something."""
    view = facade(home).graph.view(home.clock.now())
    people = [seen.fields["from"] for seen in (*view.comments, *view.posts, *view.reviews)]
    others = [person for person in people if person["id"] != PAGE_ID]
    names = {str(person["name"]) for person in others}
    return {person["id"] for person in others} | {name for name in names if " " in name}


CASE = Case(
    source=FACEBOOK,
    facade="facebook",
    oracle={
        ("accounts", f"id = '{PAGE_ID}'"): lambda _: 1,
        ("posts", "place = 'published'"): lambda e: e["published_posts"],
        ("posts", "place = 'visitor'"): lambda e: e["visitor_posts"],
        ("posts", "place = 'tagged'"): lambda e: e["tagged"],
        ("reviews", "true"): lambda e: e["ratings"],
        ("comments", "place <> 'review'"): lambda e: e["comments"],
        ("comments", "place = 'review'"): lambda e: e["review_comments"],
        ("reactions", "true"): lambda e: e["reactions"],
        ("direct_messages", "true"): lambda e: e["messages"],
        ("videos", "true"): lambda e: e["videos"],
    },
    size=(meta_reads, "PAGE_SIZE"),
    sizes=(1, 7),
    small=3,
    nights=(28,),
    ends_in=("posts", "comments"),
    met=frozenset({"profiles"}),
    whole_after=timedelta(0),
    nights_to_end=2,
    delete=delete,
    plant=plant,
    other=HUBSPOT,
    passing=passing_of(POSTS, COMMENTS, INSIGHTS)
    | {
        "connection dropped": Passing(COMMENTS, Drop()),
        "body cut off": Passing(POSTS, Truncate(200)),
        "duplicate across pages": Passing(POSTS, DuplicateAcrossPages(), 50),
        "empty page with a next link": Passing(POSTS, EmptyPage()),
        "foreign next link": Passing(POSTS, ForeignNext(), 2),
    },
    staying={
        "token expired mid-page": Staying(
            POSTS, ExpireTokens(), "token refused (190/463: it has expired)", 3, new_tokens
        ),
        "permission missing": Staying(COMMENTS, graph_error(10), "comments: permission"),
        "permission missing, 200": Staying(INSIGHTS, graph_error(200), "insights: permission"),
        "password changed": Staying(POSTS, graph_error(190, 460), "changed the password", 2),
        "throttled for days": Staying(COMMENTS, RateExhausted("far_ahead"), "a wait of", 2),
        "throttled for an hour": Staying(
            COMMENTS, RateExhausted("minutes", 3600), "a wait of 3600 s", 2
        ),
        "throttled without end": Staying(COMMENTS, RateExhausted("none"), "throttled (80001)", 2),
        "app throttled": Staying(COMMENTS, graph_error(4), "throttled (4)", 2),
        "blocked": Staying(COMMENTS, graph_error(368), "368", 2),
        "error with status 200": Staying(POSTS, graph_error(12345, status=200), "code 12345", 2),
        "error without a code": Staying(POSTS, Answers(200, {"error": {}}), "no data", 2),
        "no data key": Staying(POSTS, Answers(200, {"paging": {}}), "no data", 2),
        "next link without a cursor": Staying(
            POSTS, Answers(200, {"data": [], "paging": {"next": "https://x.example/"}}), "cursor", 2
        ),
        "HTML page that stays": Staying(POSTS, Html(), "no JSON", 2),
        "cursor loop": Staying(POSTS, CursorLoop(), "leads back"),
        "redirect to another host": Staying(POSTS, ForeignRedirect(), "foreign origin", 2),
        "oversized page": Staying(POSTS, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(POSTS, GzipBomb(400_000_000), "larger", 2),
        "everything refused": Staying(
            "GET *", graph_error(190, 458), "the app was removed", is_all=True
        ),
    },
    renamed=Renamed(VIDEOS, "created_time", "videos", "posts"),
    large_ids=LargeIds(VIDEOS, numbers_beyond_double("id"), "videos", "id"),
    secrets=(USER_TOKEN, PAGE_TOKEN),
    personal=personal,
    free_texts=frozenset({"message"}),
    run_always=frozenset({"permission missing"}),
    only_long=OF_THE_LOADER - {"are_deleted", "beyond_a_double"},
)


class TestFacebook(ContractSuite):
    case = CASE


def observed(
    home: ApiHome, where: str, columns: str = "metric, value, reason"
) -> list[tuple[Any, ...]]:
    return home.rows(f"select distinct {columns} from raw_facebook.metrics where {where}")


def test_night_when_a_metric_is_dead_among_many_then_the_others_are_there_and_it_says_so(
    opened: OpenHome,
) -> None:
    home = opened()
    dead = "post_clicks"
    facade(home).insights.retired[dead] = home.clock.now()
    expected = facade(home).expected(home.clock.now())
    assert home.night().status is Status.OK
    of_posts = "object_kind = 'posts' and starts_with(metric, 'post_') and"
    assert {row[0] for row in observed(home, f"{of_posts} value is not null")} == (
        set(POST_METRICS) - {dead}
    )
    assert observed(home, f"{of_posts} metric = '{dead}'", "value, reason") == [
        (None, "metric_unavailable")
    ]
    ((views,),) = home.rows(
        "select sum(value) from raw_facebook.metrics where metric = 'post_media_view'"
    )
    assert views == expected["post_media_views"]
    events = "select resource, subject, reason from raw_facebook.source_capability_events"
    assert home.rows(events) == [("post_insights", dead, "name_refused")]

    # For a week it is not asked for; its observations say why.
    home.net.log.requests.clear()
    home.net.script.add(Rule("facebook", PAGE_INSIGHTS, restated_by(0.5)))
    home.clock.sleep(timedelta(days=6).total_seconds())
    home.night()
    assert not is_asked(home, dead)
    assert len(observed(home, f"metric = '{dead}'", "slot, reason")) == 2
    # What was restated meanwhile is an observation beside the first one, a fall too.
    found = home.rows(
        """
        select metric, period_end_at, list(value order by slot) as seen
        from raw_facebook.metrics
        where period = 'day' and metric = 'page_media_view' and value is not null
        group by all having len(seen) = 2
        """
    )
    # The world itself restates days that are not nine days old.
    still = [seen for _, ends_at, seen in found if ends_at < home.clock.now() - timedelta(days=18)]
    assert len(still) >= 8
    assert all(second == int(first / 2) for first, second in still)


def is_asked(home: ApiHome, metric: str) -> bool:
    log = [r.target for r in home.net.log.of("facebook") if "insights" in r.target]
    return any(metric in target for target in log)


@pytest.mark.long
def test_nights_when_a_dead_metric_lives_again_then_after_a_week_its_values_go_on(
    opened: OpenHome,
) -> None:
    home = opened()
    facade(home).insights.retired["post_clicks"] = home.clock.now()
    home.night()
    facade(home).insights.retired.clear()
    home.net.log.requests.clear()
    home.clock.sleep(timedelta(days=8).total_seconds())
    home.night()
    assert is_asked(home, "post_clicks")
    values = observed(home, "metric = 'post_clicks'", "slot, value is not null")
    assert min(values)[1] is False
    assert max(values)[1] is True


@pytest.mark.long
def test_night_when_every_metric_is_dead_then_no_value_and_all_are_asked_again_next_night(
    opened: OpenHome,
) -> None:
    home = opened()
    for name in POST_METRICS:
        facade(home).insights.retired[name] = home.clock.now()
    home.night()
    of_posts = "object_kind = 'posts' and starts_with(metric, 'post_')"
    assert observed(home, of_posts, "value, reason") == [(None, "metric_unavailable")]
    facade(home).insights.retired.clear()
    home.clock.sleep(timedelta(days=1).total_seconds())
    home.night()
    assert observed(home, f"{of_posts} and metric = 'post_media_view' and value is not null") != []


@pytest.mark.long
def test_night_when_a_field_is_removed_then_the_posts_come_without_it(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(POST_FIELDS, "promotion_status")
    home = opened()
    expected = facade(home).expected(home.clock.now())
    assert home.night().status is Status.OK
    assert len(home.newest("posts", where="place = 'published'")) == expected["published_posts"]
    events = "select distinct resource, subject from raw_facebook.source_capability_events"
    assert home.rows(events) == [("posts", "promotion_status")]


def test_night_when_days_are_read_then_they_end_at_pacific_midnight_and_match_the_world(
    good_home: ApiHome,
) -> None:
    home = good_home
    expected = facade(home).expected(home.clock.now())
    days = home.rows(
        "select period_end_at at time zone 'UTC', value from raw_facebook.metrics"
        " where metric = 'page_media_view' and value is not null order by 1"
    )
    assert len(days) == expected["insight_days"]
    assert sum(value for _, value in days) == expected["media_views"]
    assert {ended_at.hour for ended_at, _ in days} == {7}  # it is summer
    late = f"metric = 'page_media_view' and value is null and period_end_at > '{days[-1][0]}'"
    assert observed(home, late, "reason") == [("not_yet_available",)]


@pytest.mark.long
def test_night_when_the_page_has_too_few_likes_then_no_value_is_made_up(opened: OpenHome) -> None:
    home = opened()
    store = facade(home).store
    store.change("page", PAGE_ID, {"followers": 99}, home.clock.now())
    home.night()
    of_page = "object_kind = 'accounts' and period = 'day'"
    assert observed(home, f"{of_page} and value is not null") == []
    assert {reason for _, _, reason in observed(home, of_page)} <= {
        "not_reported", "not_yet_available",
    }  # fmt: skip


@pytest.mark.long
def test_night_when_the_version_has_ended_then_the_night_says_so(opened: OpenHome) -> None:
    home = opened()
    facade(home).gate.lifetimes["v26.0"] = home.clock.now().date()
    result = home.night()
    assert result.status is Status.PARTIAL
    assert "v26.0 is asked for, v21.0 answers" in " ".join(result.problems())
    assert len(home.newest("posts")) > 0


@pytest.mark.long
def test_night_when_only_another_page_is_wanted_then_nothing_is_read_and_it_says_why(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    monkeypatch.setenv("SOURCES__FACEBOOK__PAGES", '["77"]')
    result = home.night()
    assert result.status is Status.FAILED
    assert "does not open every page" in " ".join(result.problems())


@pytest.mark.long
def test_night_when_the_inbox_is_not_asked_for_then_no_message_of_it_is_read(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    monkeypatch.setenv("SOURCES__FACEBOOK__INBOX", "false")
    assert home.night().status is Status.OK
    assert home.newest("direct_messages") == []
    assert [r for r in home.net.log.of("facebook") if "conversations" in r.target] == []


@pytest.mark.long
def test_requests_when_usage_is_high_then_the_next_ones_go_slower(opened: OpenHome) -> None:
    slow, quick = opened(), opened()
    for home, limit in ((slow, 160), (quick, 4_800)):
        facade(home).gate.business.limit = limit
        started = home.clock.now()
        home.night()
        home.taken = home.clock.now() - started  # type: ignore[attr-defined]
    assert slow.taken > quick.taken  # type: ignore[attr-defined]
    assert slow.objects() == quick.objects()
