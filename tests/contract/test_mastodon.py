"""Mastodon, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from pipelines.loading.results import Status
from pipelines.sources import mastodon_reads
from pipelines.sources.bluesky import BLUESKY
from pipelines.sources.mastodon import MASTODON
from pipelines.world.fakenet.faults import ExpireTokens
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EmptyPage,
    ForeignNext,
    Reordered,
)
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
from pipelines.world.fakenet.mastodon import Mastodon
from pipelines.world.fakenet.mastodon_gate import TOKEN
from pipelines.world.fakenet.mastodon_view import OPEN
from tests.contract.cases import Case, OpenHome, Passing, Renamed, Staying
from tests.contract.suite import ContractSuite
from tests.support.apis import ApiHome

OWN, CONTEXT = "GET /api/v1/accounts/*/statuses", "GET /api/v1/statuses/*/context"
FAVOURITES, FOLLOWERS = "GET /api/v1/statuses/*/favourited_by", "GET /api/v1/accounts/*/followers"
NOTIFICATIONS, TAG = "GET /api/v1/notifications", "GET /api/v1/timelines/tag/*"


def facade(home: ApiHome) -> Mastodon:
    found = home.net.facades["mastodon"]
    assert isinstance(found, Mastodon)
    return found


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """A status of the brand without replies, and somebody's reply to another one."""
    view = facade(home).view(home.clock.now())
    live = {row[0] for row in home.newest("statuses", "id")}
    own, reply = (
        next(
            key for key, seen in reversed(view.statuses.items())
            if (seen.fields["account_id"] == facade(home).brand) is is_own and key in live
            and bool(seen.fields["in_reply_to_id"]) is not is_own and key not in view.replies
        )
        for is_own in (True, False)
    )  # fmt: skip
    for status_id in (own, reply):
        facade(home).store.delete("status", status_id, home.clock.now())
    return {"statuses": {own, reply}}


def personal(home: ApiHome) -> set[str]:
    """Ids, handles and whole names of everybody but the brand."""
    view = facade(home).view(home.clock.now())
    others = [seen for key, seen in view.accounts.items() if key != facade(home).brand]
    names = {str(seen.fields["display_name"]) for seen in others}
    handles = {str(seen.fields["username"]) for seen in others}
    return {seen.record_id for seen in others} | handles | {n for n in names if " " in n}


def new_token(home: ApiHome) -> None:
    for grant in facade(home).tokens.grants.values():
        grant.expires_at = None


CASE = Case(
    source=MASTODON,
    facade="mastodon",
    oracle={
        ("accounts", "true"): lambda _: 1,
        ("statuses", "is_own"): lambda e: e["open_statuses"],
        ("followers", "true"): lambda e: e["followers"],
    },
    size=(mastodon_reads, "PAGE_SIZE"),
    sizes=(1,),
    small=3,
    nights=(14, 14),
    ends_in=("favourites",),
    met=frozenset({"profiles", "threads", "notifications"}),
    whole_after=timedelta(0),
    delete=delete,
    passing={f"throttled: {form}": Passing(FAVOURITES, RateExhausted(form)) for form in RESET_FORMS
             if form != "far_ahead"}
    | {
        "connection dropped": Passing(CONTEXT, Drop()),
        "body cut off": Passing(OWN, Truncate(200)),
        "maintenance page": Passing(OWN, Html(), 2),
        "empty 202": Passing(FAVOURITES, Empty(), 2),
        "server error": Passing(FOLLOWERS, Answers(503, {"error": "Service Unavailable"}), 3),
        "slow drip": Passing(TAG, Trickle(20, 1.0)),
        "duplicate across pages": Passing(OWN, DuplicateAcrossPages(), 50),
        "empty page with a next link": Passing(OWN, EmptyPage()),
        "other order within pages": Passing(NOTIFICATIONS, Reordered(), 50),
    },
    staying={
        "token expired mid-page": Staying(OWN, ExpireTokens(), "refused", 3, new_token),
        "permission missing": Staying(
            NOTIFICATIONS, Answers(403, {"error": "This action is outside the authorized scopes"}),
            "notifications: forbidden",
        ),
        "error with status 200": Staying(OWN, Answers(200, {"error": "no"}), "error object", 2),
        "refused": Staying(TAG, Answers(422, {"error": "Validation failed"}), "422"),
        "maintenance page that stays": Staying(OWN, Html(), "no JSON", 2),
        "throttled for days": Staying(FAVOURITES, RateExhausted("far_ahead"), "a wait of", 2),
        "cursor loop": Staying(OWN, CursorLoop(), "leads back"),
        "foreign next link": Staying(OWN, ForeignNext(), "foreign origin", 2),
        "redirect to another host": Staying(OWN, ForeignRedirect(), "foreign origin", 2),
        "oversized page": Staying(OWN, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(OWN, GzipBomb(400_000_000), "larger", 2),
    },
    renamed=Renamed(NOTIFICATIONS, "created_at", "notifications", "followers"),
    large_ids=None,  # all ids are, as texts: staging is compared with the world by exact id
    secrets=(TOKEN,),
    personal=personal,
    free_texts=frozenset({"text"}),
    run_always=frozenset({"throttled: iso_8601", "foreign next link"}),
    other=BLUESKY,
)  # fmt: skip


class TestMastodon(ContractSuite):
    case = CASE


@pytest.mark.long
def test_night_when_the_account_is_suspended_then_it_says_so_and_nothing_has_ended(
    opened: OpenHome,
) -> None:
    home = opened()
    home.night()
    before = home.objects()
    gone = Answers(410, {"error": "Gone"})
    home.net.script.add(TestMastodon().rule("GET /api/v1/accounts/lookup", gone, 1, 9))
    home.clock.sleep(86_400)
    result = home.night()
    assert result.status is Status.FAILED
    assert "an account is not there" in " ".join(result.problems())
    assert home.objects() == before


def test_night_when_statuses_are_private_or_direct_then_nothing_of_them_lands(
    opened: OpenHome,
) -> None:
    home = opened()
    live = facade(home).view(home.clock.now()).statuses.values()
    hidden = {seen.record_id for seen in live if seen.fields["visibility"] not in OPEN}
    assert len(hidden) > 3
    home.night()
    assert home.rows("select distinct visibility from raw_mastodon.statuses order by 1") == [
        ("public",), ("unlisted",),
    ]  # fmt: skip
    for table, column in (("statuses", "id"), ("notifications", "status_id"),
                          ("favourites", "status_id"), ("reblogs", "status_id"),
                          ("threads", "status_id")):  # fmt: skip
        landed = {row[0] for row in home.rows(f"select {column} from raw_mastodon.{table}")}
        assert not landed & hidden, table
    assert home.rows("select count(*) from raw_mastodon.quarantine") == [(0,)]


@pytest.mark.long
def test_night_when_there_is_no_token_then_what_is_public_is_there_and_nothing_has_ended(
    opened: OpenHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = opened()
    home.night()
    monkeypatch.setenv("SOURCES__MASTODON__ACCESS_TOKEN", "")
    home.clock.sleep(86_400)
    assert home.night().status is Status.OK
    assert home.rows("select count(*) from raw_mastodon.statuses where _is_deleted") == [(0,)]
