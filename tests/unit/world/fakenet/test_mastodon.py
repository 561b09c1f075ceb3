from __future__ import annotations

from datetime import datetime, timedelta
from html.parser import HTMLParser

import pytest

from pipelines.world.fakenet.faults import FaultScript, Nth, Rule
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EmptyPage,
    ForeignNext,
)
from pipelines.world.fakenet.mastodon import Mastodon
from pipelines.world.fakenet.mastodon_gate import TOKEN
from pipelines.world.fakenet.mastodon_html import content
from pipelines.world.fakenet.mastodon_store import account_ids, mastodon_store, status_id
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.mastodon import (
    BRAND_KEY,
    MastodonAccount,
    MastodonStatus,
    MastodonWorld,
    build_mastodon,
)
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world
from tests.support.fakenet import ask, flat, oracle
from tests.support.list_apis import mastodon, mastodon_pages, next_link

SIZES = pytest.mark.parametrize("size", [1, None, 80], ids=["one", "default", "most"])


@pytest.fixture(scope="module")
def life(small: World) -> MastodonWorld:
    return build_mastodon(small)


@pytest.fixture(scope="module")
def ids(life: MastodonWorld) -> dict[str, str]:
    return account_ids(life)


def there(life: MastodonWorld, end: datetime) -> set[str]:
    """Accounts that are not suspended at the end."""
    return {a.key for a in life.accounts if a.suspended_at is None or a.suspended_at > end}


def own_statuses(life: MastodonWorld, end: datetime) -> list[MastodonStatus]:
    return [s for s in life.statuses if s.author == BRAND_KEY
            and (s.deleted_at is None or s.deleted_at > end)]  # fmt: skip


@SIZES
def test_statuses_when_paged_by_the_header_then_they_are_the_worlds(
    still: FakeNet, life: MastodonWorld, ids: dict[str, str], small: World, size: int | None
) -> None:
    params = {"exclude_reblogs": "true"} | ({"limit": size} if size else {})
    path = f"accounts/{ids[BRAND_KEY]}/statuses"
    found = flat(mastodon_pages(still, path, params))
    expected = own_statuses(life, small.parameters.as_of)

    assert [s["id"] for s in found] == sorted(map(status_id, expected), key=int, reverse=True)
    assert len(found) == oracle(still, "mastodon")["statuses"] > 20


def test_statuses_when_boosts_are_not_excluded_then_they_hold_the_other_status(
    still: FakeNet, ids: dict[str, str]
) -> None:
    found = flat(mastodon_pages(still, f"accounts/{ids[BRAND_KEY]}/statuses"))
    boosts = [s for s in found if s["reblog"]]

    assert len(boosts) == oracle(still, "mastodon")["reblogs"] > 0
    assert {s["content"] for s in boosts} == {""}
    assert all(s["reblog"]["account"]["id"] != ids[BRAND_KEY] for s in boosts)


@SIZES
def test_followers_when_paged_then_the_cursor_is_no_id_of_the_body(
    still: FakeNet, life: MastodonWorld, ids: dict[str, str], small: World, size: int | None
) -> None:
    path, end = f"accounts/{ids[BRAND_KEY]}/followers", small.parameters.as_of
    params = {"limit": size} if size else {}
    found = flat(mastodon_pages(still, path, params))
    expected = {
        ids[act.author] for act in life.acts
        if act.followed == BRAND_KEY and act.author in there(life, end)
        and (act.undone_at is None or act.undone_at > end)
    }  # fmt: skip

    assert {a["id"] for a in found} == expected
    assert len(found) == len(expected) == oracle(still, "mastodon")["followers"] > 5
    first = mastodon(still, path, {"limit": 3})
    cursor = next_link(first).partition("max_id=")[2]
    assert cursor.isdigit()
    assert cursor not in {a["id"] for a in found}
    last = first.body[-1]["id"]
    assert mastodon(still, path, {"limit": 3, "max_id": cursor}).body[0]["id"] != last


@pytest.mark.parametrize(("asked", "given"), [(1_000, None), (0, 0), (-2, 2), ("x", 0)])
def test_limit_when_out_of_bounds_then_it_is_lowered_and_never_an_error(
    still: FakeNet, ids: dict[str, str], asked: object, given: int | None
) -> None:
    answer = mastodon(still, f"accounts/{ids[BRAND_KEY]}/followers", {"limit": asked})
    everybody = oracle(still, "mastodon")["followers"]
    assert (answer.status, len(answer.body)) == (200, everybody if given is None else given)


def test_limit_when_above_eighty_then_eighty_notifications_come() -> None:
    with fake_net(build_world(WorldParameters(people=80, weeks=10))) as larger:
        assert oracle(larger, "mastodon")["notifications"] > 80
        assert len(mastodon(larger, "notifications", {"limit": 500}).body) == 80
        assert len(mastodon(larger, "notifications").body) == 40


def test_min_id_when_given_then_the_nearest_newer_ones_come_and_since_id_gives_the_newest(
    still: FakeNet, ids: dict[str, str]
) -> None:
    path = f"accounts/{ids[BRAND_KEY]}/statuses"
    every = [s["id"] for s in flat(mastodon_pages(still, path))]  # newest first
    fifth = every[-5]

    nearest = mastodon(still, path, {"min_id": fifth, "limit": 2}).body
    newest = mastodon(still, path, {"since_id": fifth, "limit": 2}).body
    assert [s["id"] for s in nearest] == every[-7:-5]
    assert [s["id"] for s in newest] == every[:2]


def test_timeline_when_paged_then_a_next_page_is_promised_until_one_is_empty(
    still: FakeNet,
) -> None:
    pages = list(mastodon_pages(still, "timelines/tag/beanandbond", {"limit": 7}))
    assert pages[-1] == []
    assert len(flat(iter(pages))) == oracle(still, "mastodon")["tag_statuses"] > 7
    assert {s["visibility"] for s in flat(iter(pages))} == {"public"}
    public = flat(mastodon_pages(still, "timelines/public", {"remote": "true"}))
    assert all("@" in s["account"]["acct"] for s in public)


def test_threads_when_read_then_replies_are_the_oracles_and_private_ones_need_the_token(
    still: FakeNet, ids: dict[str, str]
) -> None:
    own = flat(mastodon_pages(still, f"accounts/{ids[BRAND_KEY]}/statuses",
                              {"exclude_reblogs": "1"}))  # fmt: skip
    roots = [s for s in own if s["in_reply_to_id"] is None]
    replies = [r for s in roots
               for r in mastodon(still, f"statuses/{s['id']}/context").body["descendants"]]  # fmt: skip
    expected = oracle(still, "mastodon")
    is_open = [r for r in replies if r["visibility"] in ("public", "unlisted")]

    assert (len(roots), len(replies)) == (expected["threads"], expected["replies"])
    assert len(is_open) == expected["open_replies"] < expected["replies"]
    hidden = next(r for r in replies if r not in is_open)
    assert mastodon(still, f"statuses/{hidden['id']}").status == 200
    refused = mastodon(still, f"statuses/{hidden['id']}", token=None)
    assert (refused.status, refused.body) == (404, {"error": "Record not found"})
    above = mastodon(still, f"statuses/{hidden['id']}/context").body["ancestors"]
    assert above[0]["id"] in {s["id"] for s in roots}


def test_thread_when_read_without_a_token_then_forty_above_sixty_below_twenty_deep(
    small: World,
) -> None:
    start = small.parameters.starts_at
    account = MastodonAccount(BRAND_KEY, "beanandbond", "", "", "en", False, start)

    def said(number: int, parent: int) -> MastodonStatus:
        at = start + timedelta(minutes=number)
        return MastodonStatus(number, BRAND_KEY, "hm", "en", "public", at, parent)

    # 1 is answered by 2, that by 3 and so on to 50; 51 is answered by 52 to 121.
    chain = [said(n, n - 1) for n in range(1, 51)]
    crowd = [said(51, 0), *(said(n, 51) for n in range(52, 122))]
    life = MastodonWorld([account], [*chain, *crowd], [])
    with fake_net(small) as net:
        net.facades["mastodon"] = Mastodon(mastodon_store(life), account_ids(life)[BRAND_KEY])

        def size(status: MastodonStatus, token: str | None) -> tuple[int, int]:
            body = mastodon(net, f"statuses/{status_id(status)}/context", token=token).body
            return len(body["ancestors"]), len(body["descendants"])

        assert size(chain[0], None) == (0, 20)
        assert size(chain[-1], None) == (40, 0)
        assert size(crowd[0], None) == (0, 60)
        assert [size(s, TOKEN) for s in (chain[0], chain[-1], crowd[0])] == [
            (0, 49), (49, 0), (0, 70),
        ]  # fmt: skip


def test_counts_when_compared_with_the_lists_then_they_agree(
    still: FakeNet, ids: dict[str, str]
) -> None:
    own = flat(mastodon_pages(still, f"accounts/{ids[BRAND_KEY]}/statuses",
                              {"exclude_reblogs": "1"}))  # fmt: skip
    totals = {"favourites": 0, "boosts": 0}
    for status in own:
        for kind, count, total in (("favourited_by", "favourites_count", "favourites"),
                                   ("reblogged_by", "reblogs_count", "boosts")):  # fmt: skip
            found = flat(mastodon_pages(still, f"statuses/{status['id']}/{kind}", {"limit": 2}))
            assert len(found) == status[count]
            totals[total] += len(found)

    assert totals == {name: oracle(still, "mastodon")[name] for name in totals}
    assert totals["favourites"] > 20


def test_favourites_when_both_are_elsewhere_then_this_server_never_hears_of_them(
    world: World,
) -> None:
    life = build_mastodon(world)
    hosts = {a.key: a.host for a in life.accounts}
    author = {s.number: s.author for s in life.statuses}
    between = [a for a in life.acts if a.kind == "favourite" and hosts[a.author]
               and hosts[author[a.status]]]  # fmt: skip
    others = [a for a in life.acts if a.kind == "favourite" and a not in between]
    facade = Mastodon(mastodon_store(life), account_ids(life)[BRAND_KEY])
    known = facade.store.live("favourite", world.parameters.as_of)

    assert len(between) > 10
    assert len(known) == sum(a.undone_at is None for a in others)


def test_notifications_when_filtered_then_only_those_types_come(still: FakeNet) -> None:
    follows = flat(mastodon_pages(still, "notifications", [("types[]", "follow")]))
    rest = flat(mastodon_pages(still, "notifications", [("exclude_types[]", "follow")]))

    assert {n["type"] for n in follows} == {"follow"}
    assert {n["type"] for n in rest} == {"mention", "favourite", "reblog"}
    assert len(follows) + len(rest) == oracle(still, "mastodon")["notifications"]
    assert all(("status" in n) == (n["type"] != "follow") for n in [*follows, *rest])


def test_deletion_when_a_status_is_gone_then_404_and_its_boosts_and_notifications_go_along(
    still: FakeNet, life: MastodonWorld, ids: dict[str, str], small: World
) -> None:
    end = small.parameters.as_of
    boosted = next(
        s for s in own_statuses(life, end)
        if mastodon(still, f"statuses/{status_id(s)}").body["reblogs_count"]
    )  # fmt: skip
    before = oracle(still, "mastodon")
    still.facades["mastodon"].store.delete("status", status_id(boosted), end - timedelta(hours=1))
    after = oracle(still, "mastodon")

    gone = mastodon(still, f"statuses/{status_id(boosted)}")
    assert (gone.status, gone.body) == (404, {"error": "Record not found"})
    assert after["statuses"] == before["statuses"] - 1
    assert after["boosts"] < before["boosts"]
    assert after["notifications"] < before["notifications"]
    then = mastodon(still, f"statuses/{status_id(boosted)}", now=end - timedelta(hours=2))
    assert then.status == 200


def test_edit_when_a_status_changed_then_edited_at_says_when(world: World) -> None:
    life = build_mastodon(world)
    facade = Mastodon(mastodon_store(life), account_ids(life)[BRAND_KEY])
    edited = next(s for s in life.statuses if s.edited_at and s.author == BRAND_KEY)
    assert edited.edited_at is not None
    view = facade.view(edited.edited_at)
    before = facade.view(edited.edited_at - timedelta(seconds=1))
    shown = view.status(view.statuses[status_id(edited)], "")
    earlier = before.status(before.statuses[status_id(edited)], "")

    assert earlier["edited_at"] is None
    assert datetime.fromisoformat(shown["edited_at"]) == edited.edited_at
    assert shown["created_at"] == earlier["created_at"]
    assert "<br />(edit)</p>" in shown["content"]


def test_account_when_suspended_then_gone_or_marked_by_the_servers_age(
    still: FakeNet, life: MastodonWorld, ids: dict[str, str], small: World
) -> None:
    key = next(a.key for a in life.accounts if a.key in there(life, small.parameters.as_of)
               and a.key != BRAND_KEY)  # fmt: skip
    facade = still.facades["mastodon"]
    assert isinstance(facade, Mastodon)
    facade.store.delete("account", ids[key], small.parameters.as_of)

    assert mastodon(still, f"accounts/{ids[key]}").status == 410
    assert mastodon(still, f"accounts/{ids[key]}/followers").status == 410
    facade.shows_suspended = True
    shown = mastodon(still, f"accounts/{ids[key]}")
    assert (shown.status, shown.body["suspended"], shown.body["display_name"]) == (200, True, "")
    assert mastodon(still, f"accounts/{ids[key]}/statuses").body == []
    assert mastodon(still, "accounts/1").status == 404


def test_token_when_missing_wrong_or_expired_then_401_and_public_reads_need_none(
    still: FakeNet, ids: dict[str, str], small: World
) -> None:
    path = f"accounts/{ids[BRAND_KEY]}"
    assert mastodon(still, path, token=None).status == 200
    for target, token in (("notifications", None), ("accounts/verify_credentials", None),
                          (path, "guess")):  # fmt: skip
        refused = mastodon(still, target, token=token)
        assert (refused.status, refused.body) == (401, {"error": "The access token is invalid"})
    assert mastodon(still, "accounts/verify_credentials").body["id"] == ids[BRAND_KEY]
    still.facades["mastodon"].tokens.add("write-only", ["write"])  # type: ignore[attr-defined]
    assert mastodon(still, path, token="write-only").status == 403
    still.facades["mastodon"].expire_tokens(small.parameters.as_of)
    assert mastodon(still, path).body == {"error": "The access token expired"}


def test_rate_when_three_hundred_are_spent_then_429_until_the_iso_reset(
    still: FakeNet, ids: dict[str, str]
) -> None:
    path = f"accounts/{ids[BRAND_KEY]}"
    answers = [mastodon(still, path) for _ in range(301)]

    assert [a.status for a in answers[:300]] == [200] * 300
    assert [answers[0].headers["X-RateLimit-Remaining"],
            answers[299].headers["X-RateLimit-Remaining"]] == ["299", "0"]  # fmt: skip
    refused = answers[300]
    assert (refused.status, refused.body) == (429, {"error": "Too many requests"})
    assert refused.headers["X-RateLimit-Reset"] == "2026-06-28T22:05:00.000000Z"
    assert mastodon(still, path, token=None).status == 200  # its own window
    still.advance(5 / 60)
    assert mastodon(still, path).status == 200


class Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.said, self.links = "", list[str]()

    def handle_data(self, data: str) -> None:
        self.said += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name == "href" and value]


def test_content_when_parsed_then_mentions_links_tags_and_signs_are_whole(small: World) -> None:
    start = small.parameters.starts_at
    fan = MastodonAccount("p", "ann", "coffee.test", "Ann", "en", False, start)
    status = MastodonStatus(
        1, BRAND_KEY, "a < b & c\nd", "en", "public", start, 0, ("p",), ("moka",),
        "https://beanandbond.example/shop?a=1&b=2345", "espresso",
    )  # fmt: skip
    parser = Text()
    parser.feed(content(status, status.text, [fan]))

    assert parser.said == (
        "@ann a < b & cdhttps://beanandbond.example/shop?a=1&b=2345 #moka :espresso:"
    )
    assert parser.links == [
        "https://coffee.test/@ann", "https://beanandbond.example/shop?a=1&b=2345",
        "https://social.test/tags/moka",
    ]  # fmt: skip


def test_faults_when_paging_is_in_the_header_then_they_apply_to_it(
    still: FakeNet, ids: dict[str, str]
) -> None:
    path = f"accounts/{ids[BRAND_KEY]}/followers"
    plain = [a["id"] for a in flat(mastodon_pages(still, path, {"limit": 4}))]

    still.script = FaultScript(Rule("mastodon", "GET *followers", DuplicateAcrossPages()))
    doubled = [a["id"] for a in flat(mastodon_pages(still, path, {"limit": 4}))]
    assert len(doubled) == len(plain) + 3
    assert list(dict.fromkeys(doubled)) == plain

    still.script = FaultScript(Rule("mastodon", "GET *followers", EmptyPage(), when=Nth(1)))
    pages = list(mastodon_pages(still, path, {"limit": 4}))
    assert pages[0] == []
    assert [a["id"] for a in flat(iter(pages))] == plain

    still.script = FaultScript(Rule("mastodon", "GET *followers", CursorLoop()))
    first = next_link(mastodon(still, path, {"limit": 4}))
    again = ask(still, first.removeprefix(still.origin), token="mastodon-fake-0001")
    assert next_link(again) == first

    still.script = FaultScript(Rule("mastodon", "GET *followers", ForeignNext()))
    assert next_link(mastodon(still, path)).startswith(still.foreign_origin)
