"""Sprout Social, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from pipelines.loading.results import Status
from pipelines.sources import sprout_days, sprout_reads, sprout_requests
from pipelines.sources.hubspot import HUBSPOT
from pipelines.sources.sprout import SPROUT
from pipelines.sources.sprout_metrics import DAY_METRICS, POST_METRICS
from pipelines.world.fakenet import sprout as fake
from pipelines.world.fakenet.faults import ExpireTokens, FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import CursorLoop, DuplicateAcrossPages, EmptyPage
from pipelines.world.fakenet.faults_wire import (
    RESET_FORMS,
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
from pipelines.world.fakenet.sprout import Sprout
from pipelines.world.fakenet.sprout_gate import (
    CLIENT_ID,
    CLIENT_SECRET,
    ORGANIZATION,
    TOKEN,
    TOKEN_PATH,
)
from pipelines.world.fakenet.sprout_store import profile_id
from tests.contract.cases import Case, Objects, OpenHome, Passing, Renamed, Staying
from tests.contract.suite import ContractSuite, files_with
from tests.support.apis import ApiHome

MESSAGES, POSTS = "POST */messages", "POST */analytics/posts"
DAYS, CASES, PROFILES = "POST */analytics/profiles", "POST */cases/filter", "GET */customer"
DAY = 86_400


def facade(home: ApiHome) -> Sprout:
    found = home.net.facades["sprout"]
    assert isinstance(found, Sprout)
    return found


def refusal(status: int, text: str = "no") -> Answers:
    return Answers(status, {"error": text})


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """A tag and a member of staff: of messages Sprout does not say that they are gone."""
    store, now = facade(home).store, home.clock.now()
    ((tag,), *_), ((user,), *_) = home.newest("tags", "tag_id"), home.newest("users", "id")
    store.delete("tag", tag, now)
    store.delete("user", user, now)
    return {"tags": {tag}, "users": {user}}


def personal(home: ApiHome) -> set[str]:
    """Handles of the people who wrote."""
    found = facade(home).store.live("message", home.clock.now())
    people = [seen.fields["from"] for seen in found if not seen.fields["sent"]]
    return {str(one["screen_name"]) for one in people if one["screen_name"]}


def new_token(home: ApiHome) -> None:
    for grant in facade(home).tokens.grants.values():
        grant.expires_at = None


KINDS = ("users", "tags", "topics", "posts", "messages", "cases")
CASE = Case(
    source=SPROUT,
    facade="sprout",
    oracle={
        **{(kind, "true"): lambda e, k=kind: e[k] for kind in KINDS},
        ("accounts", "true"): lambda e: e["profiles"],
    },
    size=(sprout_reads, "MESSAGES_SIZE"),
    sizes=(17,),
    small=30,
    nights=(13, 1, 2),
    whole_after=timedelta(0),
    delete=delete,
    passing={f"throttled: {form}": Passing(MESSAGES, RateExhausted(form)) for form in RESET_FORMS
             if form != "far_ahead"}
    | {
        "connection dropped": Passing(MESSAGES, Drop()),
        "body cut off": Passing(POSTS, Truncate(200)),
        "maintenance page": Passing(POSTS, Html(), 2),
        "not ready": Passing(DAYS, Empty(), 2),
        "not ready, with a body": Passing(POSTS, Answers(202, {}), 2),
        "server error": Passing(CASES, refusal(503), 3),
        "slow drip": Passing(MESSAGES, Trickle(40, 0.2)),
        "empty page with a cursor": Passing(MESSAGES, EmptyPage()),
        "duplicate across pages": Passing(MESSAGES, DuplicateAcrossPages(), 50),
    },
    staying={
        "token expired mid-page": Staying(MESSAGES, ExpireTokens(), "refused", 2, new_token),
        "profile not allowed": Staying(MESSAGES, refusal(403), "messages: forbidden"),
        "error with status 200": Staying(MESSAGES, refusal(200), "an error object", 2),
        "refused": Staying(POSTS, refusal(400, "Invalid filter"), "status 400"),
        "pages moved": Staying(MESSAGES, refusal(400, "Invalid page_cursor"), "pages moved", 2),
        "a page without a number": Staying(
            POSTS, Answers(200, {"data": [], "paging": {}}), "which one it is"
        ),
        "cursor loop": Staying(MESSAGES, CursorLoop(), "leads back"),
        "no customer": Staying(
            "GET */metadata/client", Answers(200, {"data": []}), "set customer_id", is_all=True
        ),
        "maintenance page that stays": Staying(MESSAGES, Html(), "no JSON", 2),
        "throttled for days": Staying(MESSAGES, RateExhausted("far_ahead"), "a wait of", 2),
        "redirect to another host": Staying(PROFILES, ForeignRedirect(), "foreign origin", is_all=True),
        "oversized page": Staying(MESSAGES, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(MESSAGES, GzipBomb(400_000_000), "larger", 2),
    },
    renamed=Renamed(MESSAGES, "created_time", "messages", "posts"),
    large_ids=None,  # texts
    secrets=(TOKEN,),
    personal=personal,
    free_texts=frozenset({"text"}),
    run_always=frozenset({"profile not allowed"}),
    other=HUBSPOT,
)  # fmt: skip


class TestSprout(ContractSuite):
    case = CASE


@pytest.mark.long
def test_night_when_metrics_are_refused_then_only_those_lack_and_are_not_asked_for_a_week(
    opened: OpenHome, good_objects: Objects
) -> None:
    home = opened()
    facade(home).retired.add("lifetime.likes")
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
    names = {row[0] for row in home.newest("metrics", "metric", "object_kind = 'posts'")}
    assert {"impressions", "comments_count"} <= names
    assert "likes" not in names
    asked = len(home.net.log.of("sprout"))
    home.clock.sleep(DAY)
    assert home.night().status is Status.OK
    again = [r for r in home.net.log.of("sprout")[asked:] if r.target.endswith("analytics/posts")]
    assert len(again) == 3  # a page each: nothing is found out again
    home.clock.sleep(8 * DAY)
    facade(home).retired.clear()
    home.night()
    back = home.newest("metrics", "metric", "object_kind = 'posts' and metric = 'likes'")
    assert back


@pytest.mark.long
def test_nights_when_a_days_figure_is_restated_then_both_values_are_kept(
    opened: OpenHome,
) -> None:
    home = opened()
    home.night()
    home.clock.sleep(3 * DAY)
    home.night()
    changed = home.rows(
        """
        select list(value order by slot) from raw_sprout.metrics
        where metric = 'impressions' and period = 'day'
        group by object_id, period_end_at
        having count(*) = 2 and count(distinct value) = 2
        """
    )
    # Three profiles; at least the last day was not settled in the first night.
    assert len(changed) >= 2
    assert all(first == int(last * 0.8) for ((first, last),) in changed)


def test_night_when_followers_are_told_then_they_are_the_worlds_of_each_day(
    good_home: ApiHome,
) -> None:
    expected = {
        (str(profile_id({"twitter": "x", "facebook": "facebook"}.get(kind, "instagram"))),
         f"{day + timedelta(days=1)} 00:00:00+00", values["lifetime_snapshot.followers_count"])
        for kind in facade(good_home).days.lives
        for day, values in facade(good_home).days.of(
            kind, good_home.clock.now() - timedelta(days=300), good_home.clock.now(),
            good_home.clock.now(),
        )
    }  # fmt: skip
    found = good_home.rows(
        "select object_id, strftime(period_end_at at time zone 'UTC', '%Y-%m-%d %H:%M:%S+00'),"
        " value::bigint from raw_sprout.metrics where metric = 'lifetime_snapshot.followers_count'"
    )
    assert set(found) == expected
    assert len(found) > 100


@pytest.mark.long
def test_night_when_a_list_is_cut_at_its_limit_then_it_goes_on_behind_the_last_row(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (fake, sprout_requests):
        monkeypatch.setattr(module, "MOST_RESULTS", 10)
    monkeypatch.setattr(sprout_reads, "MESSAGES_SIZE", 5)
    monkeypatch.setattr(sprout_reads, "POSTS_SIZE", 5)
    monkeypatch.setattr(sprout_days, "DAYS_SPAN", timedelta(days=7))  # days are never that many
    home = opened()
    assert home.night().status is Status.OK
    assert home.objects() == good_objects


@pytest.mark.long
def test_night_when_one_profile_is_not_allowed_then_the_others_are_read(
    opened: OpenHome, good_objects: Objects
) -> None:
    home = opened()
    grant = facade(home).tokens.grants[TOKEN]
    grant.scopes = frozenset(grant.scopes) - {str(profile_id("x"))}
    result = home.night()
    assert result.status is Status.PARTIAL
    networks = {row[0] for row in home.newest("messages", "network")}
    assert networks == {"facebook", "instagram"}
    grant.scopes |= {str(profile_id("x"))}
    home.clock.sleep(DAY)
    assert home.night().status is Status.OK
    assert home.objects() == good_objects  # from the beginning, for that profile


@pytest.mark.long
def test_night_when_oauth_then_the_organization_is_the_scope_and_no_secret_is_on_disk(
    opened: OpenHome, good_objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened(script=FaultScript(Rule("sprout", POSTS, ExpireTokens(), Nth(2))))
    monkeypatch.delenv("SOURCES__SPROUT__ACCESS_TOKEN")
    monkeypatch.setenv("SOURCES__SPROUT__CLIENT_ID", CLIENT_ID)
    monkeypatch.setenv("SOURCES__SPROUT__CLIENT_SECRET", CLIENT_SECRET)
    monkeypatch.setenv("SOURCES__SPROUT__ORGANIZATION_ID", ORGANIZATION)
    monkeypatch.setenv("SOURCES__SPROUT__TOKEN_URL", home.net.url("sprout") + TOKEN_PATH)
    assert home.night().status is Status.OK
    assert home.objects() == good_objects
    assert files_with(home, (TOKEN, CLIENT_SECRET, "sprout-jwt-")) == []


def test_metrics_when_declared_then_the_fake_knows_some_of_them_for_every_network() -> None:
    for known in fake.POST_METRICS.values():
        assert set(known) & set(POST_METRICS)
    assert set(fake.Days.names) <= set(DAY_METRICS)
