"""LinkedIn, read night after night from the simulated network."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import unquote

import pytest

from pipelines.loading.results import Status
from pipelines.sources import linkedin_requests
from pipelines.sources.bluesky import BLUESKY
from pipelines.sources.linkedin import LINKEDIN
from pipelines.world.fakenet.faults import ExpireTokens, FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import DuplicateAcrossPages, restated
from pipelines.world.fakenet.faults_wire import (
    Drop,
    Empty,
    ForeignRedirect,
    GzipBomb,
    Html,
    Oversized,
    RateExhausted,
    Trickle,
    Truncate,
)
from pipelines.world.fakenet.faults_wire import Status as Answers
from pipelines.world.fakenet.linkedin import LinkedIn
from pipelines.world.fakenet.linkedin_gate import REFRESH_TOKEN, TOKEN
from pipelines.world.fakenet.linkedin_store import (
    COMMENT,
    ORGANIZATION,
    ORGANIZATION_ID,
    POST,
    REACTION,
)
from pipelines.world.fakenet.server import FakeNet
from tests.contract.cases import FOR_EVER, Case, OpenHome, Passing, Renamed, Staying
from tests.contract.suite import ContractSuite, files_with
from tests.support.apis import ApiHome

POSTS, SUMS = "GET /rest/posts", "GET /rest/socialMetadata"
COMMENTS, REACTIONS = "GET /rest/socialActions/*", "GET /rest/reactions/*"
SHARES = "GET /rest/organizationalEntityShareStatistics"
DAY = 86_400


def facade(home: ApiHome) -> LinkedIn:
    found = home.net.facades["linkedin"]
    assert isinstance(found, LinkedIn)
    return found


def plant(net: FakeNet, end: datetime) -> None:
    """Ten days before its end a comment is deleted and a reaction taken back."""
    linkedin = net.facades["linkedin"]
    assert isinstance(linkedin, LinkedIn)
    view, at = linkedin.view(end - timedelta(days=20)), end - timedelta(days=10)
    linkedin.store.delete(COMMENT, list(view.comments)[-1], at)
    reactions = next(some for some in view.reactions_of.values() if len(some) > 1)
    linkedin.store.delete(REACTION, reactions[0].record_id, at)


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """A post with all below it, and a comment below another post with the answers to it."""
    at = home.clock.now()
    view = facade(home).view(at)
    comments = dict(view.comments)
    post = next(iter(view.comments_of))
    others = [urn for urn, s in comments.items() if s.fields["post"] != post]
    comment = next(urn for urn in others if not comments[urn].fields["parent"])
    facade(home).store.delete(POST, post, at)
    facade(home).store.delete(COMMENT, comment, at)
    left = set(facade(home).view(at).comments)
    return {"posts": {post}, "comments": set(comments) - left}


def personal(home: ApiHome) -> set[str]:
    """URNs of members."""
    view = facade(home).view(home.clock.now())
    acts = [*view.comments.values(), *(s for some in view.reactions_of.values() for s in some)]
    return {str(seen.fields["actor"]) for seen in acts} - {ORGANIZATION}


def new_tokens(home: ApiHome) -> None:
    for grant in facade(home).tokens.grants.values():
        grant.expires_at = None


def refused(status: int, code: str) -> Answers:
    return Answers(status, {"status": status, "code": code, "message": "No."})


CASE = Case(
    source=LINKEDIN,
    facade="linkedin",
    oracle={
        ("accounts", f"urn = '{ORGANIZATION}'"): lambda _: 1,
        ("posts", "true"): lambda e: e["posts"],
        ("comments", "true"): lambda e: e["comments"],
        ("comments", "parent_urn is null"): lambda e: e["top_level_comments"],
        ("reactions", "true"): lambda e: e["reactions"],
    },
    size=(linkedin_requests, "PAGE_SIZE"),
    sizes=(1, 7),
    small=2,
    nights=(14, 1, 13),
    ends_in=("comments", "reactions"),
    whole_after=timedelta(days=28),
    nights_to_end=2,
    delete=delete,
    plant=plant,
    other=BLUESKY,
    passing={
        "connection dropped": Passing(COMMENTS, Drop()),
        "body cut off": Passing(POSTS, Truncate(100)),
        "maintenance page": Passing(POSTS, Html(), 2),
        "empty 202": Passing(REACTIONS, Empty(), 2),
        "server error": Passing(SUMS, Answers(503), 3),
        "slow drip": Passing(SHARES, Trickle(20, 1.0)),
        "duplicate across pages": Passing(REACTIONS, DuplicateAcrossPages(), 50),
    },
    staying={
        "token expired mid-page": Staying(POSTS, ExpireTokens(), "token", 3, new_tokens),
        "permission missing": Staying(
            COMMENTS, refused(403, "ACCESS_DENIED"), "comments: access_denied"
        ),
        "day's calls used up": Staying(COMMENTS, RateExhausted("none"), "calls are used up", 3),
        "throttled for days": Staying(POSTS, RateExhausted("far_ahead"), "calls are used up", 2),
        "version retired": Staying(
            "GET *", refused(426, "NONEXISTENT_VERSION"), "is no longer served", is_all=True
        ),
        "error with status 200": Staying(
            POSTS, Answers(200, {"status": 500, "message": "Down"}), "no elements", 2
        ),
        "refused parameter": Staying(POSTS, refused(400, "ILLEGAL_ARGUMENT"), "status 400", 2),
        "address too long": Staying(SUMS, refused(414, "URI_TOO_LONG"), "status 414", 2),
        "HTML page that stays": Staying(POSTS, Html(), "no JSON", 2),
        "redirect to another host": Staying(POSTS, ForeignRedirect(), "foreign origin", 2),
        "oversized page": Staying(POSTS, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(POSTS, GzipBomb(400_000_000), "larger", 2),
    },
    renamed=Renamed(REACTIONS, "created.time", "reactions", "posts"),
    large_ids=None,
    secrets=(TOKEN,),
    personal=personal,
    free_texts=frozenset({"text"}),
    run_always=frozenset({"day's calls used up"}),
)  # fmt: skip


class TestLinkedIn(ContractSuite):
    case = CASE


def targets(home: ApiHome, name: str) -> list[str]:
    return [r.target for r in home.net.log.of("linkedin") if f"/rest/{name}" in r.target]


def test_night_when_addresses_are_built_then_they_are_on_the_wire_as_rest_li_writes_them(
    good_home: ApiHome,
) -> None:
    sums = targets(good_home, "socialMetadata")[0]
    assert sums.partition("?ids=")[2].startswith("List(urn%3Ali%3A")
    assert sums.endswith(")")
    assert unquote(sums).count("urn:li:") == len(good_home.newest("posts"))
    intervals = [t.partition("timeIntervals=")[2] for t in targets(good_home, "organization")]
    days = [text for text in intervals if text]
    # Shares, followers and visits of the same days, every night.
    assert min(Counter(days).values()) >= 3
    assert all(text.startswith("(timeRange:(start:") for text in days)
    assert all(text.endswith("),timeGranularityType:DAY)") for text in days)
    below = targets(good_home, "reactions")
    assert all("/reactions/(entity:urn%3Ali%3A" in target for target in below)
    answers = [t for t in targets(good_home, "socialActions") if "comment%3A%28urn" in t]
    assert answers  # answers stand below their comment


def test_night_when_figures_are_read_then_they_are_those_of_the_world(good_home: ApiHome) -> None:
    expected = facade(good_home).expected(good_home.clock.now())
    totals = expected["totals"]
    by_day = dict(
        good_home.rows(
            "select metric, sum(value) from raw_linkedin.metrics where period = 'day' group by 1"
        )
    )
    by_post = dict(
        good_home.rows(
            "select metric, sum(value) from raw_linkedin.metrics"
            " where object_kind = 'posts' group by metric"
        )
    )
    for name in ("impressionCount", "clickCount", "likeCount", "commentCount", "shareCount"):
        assert by_day[name] == by_post[name] == totals[name], name
    assert by_post["reactions"] == expected["reactions"]
    assert by_post["comments"] == expected["comments"]
    followers = "select value from raw_linkedin.metrics where metric = 'followers'"
    assert good_home.rows(followers) == [(expected["followers"],)]
    facets = good_home.rows(
        "select sum(value) from raw_linkedin.metrics where metric = 'organicFollowerCount'"
        " group by split_part(breakdown, '=', 1)"
    )
    assert facets == [(expected["followers"],)] * 5
    ended = good_home.rows(
        "select distinct hour(period_end_at at time zone 'UTC') from raw_linkedin.metrics"
        " where period = 'day'"
    )
    assert ended == [(0,)]


@pytest.mark.long
def test_nights_when_figures_are_restated_then_both_stay_and_the_quota_comes_back_at_midnight(
    opened: OpenHome,
) -> None:
    home = opened()
    facade(home).gate.windows["socialActions"].limit = 4
    result = home.night()
    assert result.status is Status.PARTIAL
    assert "the day's calls are used up" in " ".join(result.problems())
    assert home.newest("posts") != []
    assert home.rows("select count(*) from raw_linkedin.complete_reads") == [(0,)]
    facade(home).gate.windows["socialActions"].limit = 10_000
    assert home.night().status is Status.OK
    fault = restated("totalShareStatistics.impressionCount", 0.5)
    home.net.script.add(Rule("linkedin", SHARES, fault, Nth(1, FOR_EVER)))
    home.clock.sleep(DAY)
    assert home.night().status is Status.OK
    both = home.rows(
        """
        select object_id, period_end_at, list(value order by slot) as seen
        from raw_linkedin.metrics
        where metric = 'impressionCount' and period_end_at < $settled
        group by all having len(seen) = 2 and max(value) > 10
        """,
        settled=home.clock.now() - timedelta(days=5),  # a day is right two days after
    )
    assert len(both) > 5
    assert all(second == int(first / 2) for _, _, (first, second) in both)


def test_nights_when_posts_leave_the_twelve_months_then_they_stay(opened: OpenHome) -> None:
    home = opened()
    home.night()
    before = home.objects()
    new_tokens(home)
    home.clock.sleep(330 * DAY)
    for _ in range(2):
        assert home.night().status is Status.OK
        home.clock.sleep(DAY)
    shown = facade(home).expected(home.clock.now())["posts"]
    assert 0 < shown < len(before["posts"])
    assert home.newest("posts") == before["posts"]
    assert home.newest("comments") == before["comments"]


@pytest.mark.long
def test_night_when_an_organisation_may_not_be_read_then_the_others_are(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    monkeypatch.setenv("SOURCES__LINKEDIN__ORGANIZATIONS", json.dumps(["1", str(ORGANIZATION_ID)]))
    result = home.night()
    assert result.status is Status.PARTIAL
    words = "accounts: an organisation may not be read, it is left out"
    assert words in " ".join(result.problems())
    assert len(home.newest("posts")) == facade(home).expected(home.clock.now())["posts"]


@pytest.mark.long
def test_night_when_the_token_ends_mid_page_and_may_be_renewed_then_the_tables_of_a_good_one(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch, good_objects: dict[str, Any]
) -> None:
    home = opened(script=FaultScript(Rule("linkedin", COMMENTS, ExpireTokens(), Nth(3))))
    monkeypatch.setenv("SOURCES__LINKEDIN__REFRESH_TOKEN", REFRESH_TOKEN)
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
    assert files_with(home, (REFRESH_TOKEN, "li-fake-")) == []


@pytest.mark.long
def test_night_when_the_token_ends_soon_then_it_says_so(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    today = home.clock.now().date()
    for days, is_warned in ((11, False), (9, True)):
        ends: date = today + timedelta(days=days)
        monkeypatch.setenv("SOURCES__LINKEDIN__TOKEN_ENDS", ends.isoformat())
        problems = " ".join(home.night().problems())
        assert (f"it ends on {ends}" in problems) is is_warned


@pytest.mark.long
def test_night_when_the_version_has_ended_then_one_line_says_so(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    monkeypatch.setenv("SOURCES__LINKEDIN__VERSION", "202401")
    result = home.night()
    assert result.status is Status.FAILED
    (line,) = result.problems()
    assert "version 202401 is no longer served" in line


@pytest.mark.long
def test_night_when_texts_of_members_are_not_wanted_then_none_lands(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    monkeypatch.setenv("SOURCES__LINKEDIN__COMMENT_TEXTS", "false")
    assert home.night().status is Status.OK
    assert home.rows("select count(*), count(text) from raw_linkedin.comments")[0][1] == 0
    assert home.rows("select count(text) > 0 from raw_linkedin.posts") == [(True,)]


def test_dates_when_days_are_asked_for_then_midnights_in_milliseconds() -> None:
    found = linkedin_requests.days(
        datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 3, tzinfo=UTC)
    )
    assert found == (
        "timeIntervals=(timeRange:(start:1780272000000,end:1780444800000),timeGranularityType:DAY)"
    )
