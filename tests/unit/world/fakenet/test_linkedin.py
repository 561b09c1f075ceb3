from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.world.fakenet.faults import Rule
from pipelines.world.fakenet.faults_pages import DuplicateAcrossPages
from pipelines.world.fakenet.linkedin import LinkedIn
from pipelines.world.fakenet.linkedin_gate import is_active
from pipelines.world.fakenet.linkedin_restli import MalformedError, parse
from pipelines.world.fakenet.linkedin_store import (
    linkedin_store,
    little_text,
    member_urns,
    post_urn,
)
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.linkedin import EARLIER_FOLLOWERS, LinkedInWorld, build_linkedin
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World, build_world
from tests.support.fakenet import Answer, ask, flat, oracle
from tests.support.list_apis import (
    LINKEDIN_HEADERS,
    ORGANIZATION,
    linkedin,
    linkedin_pages,
)

POSTS = f"posts?q=author&author={ORGANIZATION}&sortBy=LAST_MODIFIED"
SHARES = f"organizationalEntityShareStatistics?q=organizationalEntity&organizationalEntity={ORGANIZATION}"
GAINS = SHARES.replace("Share", "Follower", 1)
VISITS = f"organizationPageStatistics?q=organization&organization={ORGANIZATION}"


@pytest.fixture(scope="module")
def town() -> World:
    return build_world(WorldParameters(people=120, weeks=10))


@pytest.fixture(scope="module")
def life(town: World) -> LinkedInWorld:
    return build_linkedin(town)


@pytest.fixture
def page(town: World) -> Iterator[FakeNet]:
    with fake_net(town) as running:
        yield running


def error(answer: Answer) -> tuple[int, str]:
    assert answer.body["status"] == answer.status
    return answer.status, answer.body["code"]


def days(first: date, last: date, period: str = "DAY") -> str:
    """The time intervals as they must be written; `last` does not belong to them."""
    start, end = (
        int(datetime(d.year, d.month, d.day, tzinfo=UTC).timestamp() * 1000) for d in (first, last)
    )
    return f"&timeIntervals=(timeRange:(start:{start},end:{end}),timeGranularityType:{period})"


@pytest.mark.parametrize("count", [1, 10, 100])
def test_posts_when_paged_by_start_then_they_are_the_worlds_last_changed_first(
    page: FakeNet, life: LinkedInWorld, town: World, count: int
) -> None:
    found = flat(linkedin_pages(page, POSTS, count))
    end = town.parameters.as_of
    alive = {post_urn(p) for p in life.posts if p.deleted_at is None or p.deleted_at > end}
    changed = [p["lastModifiedAt"] for p in found]

    assert {p["id"] for p in found} == alive
    assert len(found) == len(alive) == oracle(page, "linkedin")["posts"] > 20
    assert changed == sorted(changed, reverse=True)
    assert {p["id"].split(":")[2] for p in found} == {"share", "ugcPost"}
    edited = [p for p in found if p["lifecycleStateInfo"]["isEditedByAuthor"]]
    assert all(p["lastModifiedAt"] - p["createdAt"] == 40 * 60_000 for p in edited)


def test_next_link_when_there_is_more_then_it_leads_to_it_and_the_last_page_has_none(
    page: FakeNet,
) -> None:
    first = linkedin(page, f"{POSTS}&count=10").body
    (link,) = first["paging"]["links"]
    second = linkedin(page, link["href"].removeprefix("/rest/")).body
    assert second["paging"]["start"] == 10
    assert not {p["id"] for p in first["elements"]} & {p["id"] for p in second["elements"]}
    assert linkedin(page, f"{POSTS}&count=100").body["paging"]["links"] == []


def test_comments_and_reactions_when_read_then_they_are_the_worlds_by_person_urn(
    page: FakeNet, life: LinkedInWorld, town: World
) -> None:
    comments: list[dict[str, Any]] = []
    reactions: list[dict[str, Any]] = []
    for post in flat(linkedin_pages(page, POSTS, 100)):
        urn = quote(post["id"], safe="")
        top = flat(linkedin_pages(page, f"socialActions/{urn}/comments", 3))
        comments += top
        for comment in (c for c in top if c["commentsSummary"]["aggregatedTotalComments"]):
            below = quote(comment["$URN"], safe="")
            comments += flat(linkedin_pages(page, f"socialActions/{below}/comments", 3))
        found = flat(linkedin_pages(page, f"reactions/(entity:{urn})?q=entity", 2))
        sums = linkedin(page, f"socialMetadata/{urn}").body
        kinds = Counter(r["reactionType"] for r in found)
        assert {k: s["count"] for k, s in sums["reactionSummaries"].items()} == dict(kinds)
        assert sums["commentSummary"]["topLevelCount"] == len(top)
        reactions += found

    expected = oracle(page, "linkedin")
    assert (len(comments), len(reactions)) == (expected["comments"], expected["reactions"])
    assert len({c["id"] for c in comments}) == len(comments) > 20
    members = set(member_urns(life, town.parameters.seed).values())
    assert {r["created"]["actor"] for r in reactions} <= members
    own = [c for c in comments if c["actor"] == "urn:li:organization:7410029"]
    assert own
    assert all(c["parentComment"].startswith("urn:li:comment:(urn:li:activity:") for c in own)
    people = ask(page, "/_fake/oracle").body["people"]
    assert {c["actor"] for c in comments if c not in own} <= {row["linkedin"] for row in people}


def test_daily_statistics_when_settled_then_they_add_up_to_what_was_counted(
    page: FakeNet, life: LinkedInWorld, town: World
) -> None:
    end, first = town.parameters.end_date, date(2026, 6, 1)
    found = linkedin(page, SHARES + days(first, end - timedelta(days=3))).body["elements"]
    alive = {p.number for p in life.posts if p.deleted_at is None
             or p.deleted_at > town.parameters.as_of}  # fmt: skip

    assert len(found) == (end - timedelta(days=3) - first).days
    for number, element in enumerate(found):
        day = first + timedelta(days=number)
        begins = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)
        assert element["timeRange"] == {"start": begins, "end": begins + 86_400_000}
        total = element["totalShareStatistics"]
        rows = [r for r in life.reach if r.day == day and r.post in alive]
        assert total["impressionCount"] == sum(r.impressions for r in rows)
        likes = [r for r in life.reactions if r.at.date() == day and r.post in alive
                 and (r.undone_at is None or r.undone_at > town.parameters.as_of)]  # fmt: skip
        assert total["likeCount"] == len(likes)
        acts = sum(total[f"{n}Count"] for n in ("click", "like", "comment", "share"))
        assert total["engagement"] == pytest.approx(acts / total["impressionCount"])


def test_recent_day_when_read_again_later_then_it_was_restated_upwards(
    page: FakeNet, life: LinkedInWorld
) -> None:
    day = date(2026, 6, 20)
    truth = sum(r.impressions for r in life.reach if r.day == day)

    def count(hours: int) -> list[int]:
        now = datetime(2026, 6, 21, tzinfo=UTC) + timedelta(hours=hours)
        answer = linkedin(page, SHARES + days(day, day + timedelta(days=1)), now=now)
        return [e["totalShareStatistics"]["impressionCount"] for e in answer.body["elements"]]

    assert count(-1) == []  # the day is not over
    ((early,), (later,), (settled,)) = count(1), count(25), count(49)
    assert 0 < early < later < settled <= truth
    assert settled * 0.55 < early < settled * 0.6


def test_months_when_asked_for_then_each_is_the_sum_of_its_days(page: FakeNet) -> None:
    first, last = date(2026, 5, 1), date(2026, 6, 20)
    months = linkedin(page, SHARES + days(first, last, "MONTH")).body["elements"]
    daily = linkedin(page, SHARES + days(first, last)).body["elements"]

    def impressions(elements: list[dict[str, Any]]) -> list[int]:
        return [e["totalShareStatistics"]["impressionCount"] for e in elements]

    assert len(months) == 2
    assert impressions(months) == [sum(impressions(daily[:31])), sum(impressions(daily[31:]))]


def test_single_posts_when_listed_by_urn_then_both_kinds_come_and_sum_to_the_whole(
    page: FakeNet,
) -> None:
    posts = [p["id"] for p in flat(linkedin_pages(page, POSTS, 100))]
    lists = {
        kind: ",".join(quote(urn, safe="") for urn in posts if kind in urn)
        for kind in ("share", "ugcPost")
    }
    found = [
        element
        for name, kind in (("shares", "share"), ("ugcPosts", "ugcPost"))
        for element in linkedin(page, f"{SHARES}&{name}=List({lists[kind]})").body["elements"]
    ]
    whole = linkedin(page, SHARES).body["elements"][0]["totalShareStatistics"]

    assert {e.get("share") or e.get("ugcPost") for e in found} == set(posts)
    for name in ("impressionCount", "likeCount", "commentCount", "clickCount"):
        assert sum(e["totalShareStatistics"][name] for e in found) == whole[name] > 0
    assert whole == oracle(page, "linkedin")["totals"]


def test_followers_when_counted_then_total_facets_and_gains_agree_with_the_world(
    page: FakeNet, life: LinkedInWorld, town: World
) -> None:
    end = town.parameters.as_of
    began = [m for m in life.members if m.followed_at]
    still = [m for m in began if m.unfollowed_at is None or m.unfollowed_at > end]
    size = linkedin(page, f"networkSizes/{ORGANIZATION}?edgeType=COMPANY_FOLLOWED_BY_MEMBER").body
    (facets,) = linkedin(page, GAINS).body["elements"]
    start = town.parameters.start_date - timedelta(days=2)
    gains = linkedin(page, GAINS + days(start, town.parameters.end_date)).body["elements"]

    assert size == {"firstDegreeSize": EARLIER_FOLLOWERS + len(still)}
    for name in ("GeoCountry", "Industry", "StaffCountRange", "Seniority", "Function"):
        rows = facets[f"followerCountsBy{name}"]
        assert (
            sum(r["followerCounts"]["organicFollowerCount"] for r in rows)
            == (size["firstDegreeSize"])
        )
    assert facets["followerCountsByGeo"] == []
    gained = sum(g["followerGains"]["organicFollowerGain"] for g in gains)
    assert gained == len([m for m in began if m.followed_at
                          and m.followed_at.date() < town.parameters.end_date])  # fmt: skip


def test_visits_when_read_by_day_then_desktop_and_mobile_add_up(
    page: FakeNet, life: LinkedInWorld
) -> None:
    day = date(2026, 6, 10)
    (truth,) = [v for v in life.visits if v.day == day]
    (found,) = linkedin(page, VISITS + days(day, day + timedelta(days=1))).body["elements"]
    views = found["totalPageStatistics"]["views"]
    assert views["allPageViews"] == {
        "pageViews": truth.desktop + truth.mobile, "uniquePageViews": truth.unique,
    }  # fmt: skip
    assert views["allMobilePageViews"] == {"pageViews": truth.mobile}
    (whole,) = linkedin(page, VISITS).body["elements"]
    assert "uniquePageViews" not in whole["totalPageStatistics"]["views"]["allPageViews"]


def test_window_when_twelve_months_have_passed_then_lists_forget_and_single_posts_remain(
    town: World, life: LinkedInWorld
) -> None:
    facade = LinkedIn(linkedin_store(life, town.parameters.seed), town.parameters.as_of)
    later = town.parameters.starts_at + timedelta(days=365 + 30)
    old = [p for p in life.posts if p.posted_at <= later - timedelta(days=365)
           and (p.deleted_at is None or p.deleted_at > later)]  # fmt: skip
    view = facade.view(later)

    assert len(old) > 5
    assert not {post_urn(p) for p in old} & {s.record_id for s in view.recent(later)}
    assert all(post_urn(p) in view.posts for p in old)
    now = facade.expected(town.parameters.as_of)
    assert facade.expected(later)["totals"]["impressionCount"] < now["totals"]["impressionCount"]


@pytest.mark.parametrize(
    "target",
    [
        SHARES + days(date(2026, 6, 1), date(2026, 6, 3)).replace("(", "%28").replace(")", "%29"),
        SHARES + days(date(2026, 6, 1), date(2026, 6, 3)).replace(":", "%3A"),
        SHARES + "&timeIntervals=(timeRange:(start:1,end:2)",
        SHARES + "&timeIntervals=(timeRange:(start:1,end:2),timeGranularityType:WEEK)",
        SHARES + "&timeIntervals=(timeGranularityType:DAY)",
        SHARES + "&shares=List(urn:li:share:1)",
        SHARES + "&shares=List%28urn%3Ali%3Ashare%3A1%29",
        SHARES + "&shares=urn%3Ali%3Ashare%3A1",
        "posts?ids=List(urn%3Ali%3Ashare%3A1,)",
        "reactions/(entity:urn:li:share:1)?q=entity",
        "reactions/urn%3Ali%3Ashare%3A1?q=entity",
        f"{POSTS}&count=101",
        f"{POSTS}&start=-1",
        f"posts?author={ORGANIZATION}",
    ],
)
def test_address_when_not_encoded_as_rest_li_wants_then_400(page: FakeNet, target: str) -> None:
    assert error(linkedin(page, target)) == (400, "ILLEGAL_ARGUMENT")


def test_batch_when_some_are_unknown_then_both_kinds_of_answer(page: FakeNet) -> None:
    post = linkedin(page, f"{POSTS}&count=1").body["elements"][0]
    known = quote(post["id"], safe="")
    body = linkedin(page, f"posts?ids=List({known},urn%3Ali%3Ashare%3A1)").body
    assert body["results"] == {post["id"]: post}
    assert body["errors"]["urn:li:share:1"]["status"] == 404
    sums = linkedin(page, f"socialMetadata?ids=List({known})").body["results"]
    assert sums[post["id"]]["entity"] == post["id"]


def test_query_when_over_four_kilobytes_then_414_unless_tunnelled(page: FakeNet) -> None:
    posts = [p["id"] for p in flat(linkedin_pages(page, POSTS, 100)) if ":share:" in p["id"]]
    urns = ",".join(quote(urn, safe="") for urn in posts * 8)
    query = f"{SHARES.partition('?')[2]}&shares=List({urns})"
    assert len(query) > 4096
    resource = "organizationalEntityShareStatistics"
    assert error(linkedin(page, f"{resource}?{query}")) == (414, "URI_TOO_LONG")

    form = {"Content-Type": "application/x-www-form-urlencoded", "X-HTTP-Method-Override": "GET"}
    sent = {"method": "POST", "body": query.encode(), "headers": LINKEDIN_HEADERS | form}
    tunnelled = linkedin(page, resource, **sent)
    assert (tunnelled.status, len(tunnelled.body["elements"])) == (200, 8 * len(posts))
    plain = linkedin(page, resource, method="POST", body=query.encode())
    assert error(plain) == (405, "METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"X-Restli-Protocol-Version": "2.0.0"}, 400, "VERSION_MISSING"),
        (LINKEDIN_HEADERS | {"Linkedin-Version": "202505"}, 426, "NONEXISTENT_VERSION"),
        (LINKEDIN_HEADERS | {"Linkedin-Version": "2026"}, 426, "NONEXISTENT_VERSION"),
        ({"Linkedin-Version": "202606"}, 400, "ILLEGAL_ARGUMENT"),
        (LINKEDIN_HEADERS | {"X-Restli-Protocol-Version": "1.0.0"}, 400, "ILLEGAL_ARGUMENT"),
    ],
)
def test_headers_when_missing_or_retired_then_refused(
    page: FakeNet, headers: dict[str, str], status: int, code: str
) -> None:
    assert error(linkedin(page, POSTS, headers=headers)) == (status, code)


@pytest.mark.parametrize(
    ("version", "now", "active"),
    [
        ("202601", datetime(2027, 1, 14, 23, tzinfo=UTC), True),
        ("202601", datetime(2027, 1, 15, tzinfo=UTC), False),
        ("202603", datetime(2027, 3, 15, 23, tzinfo=UTC), True),
        ("202603", datetime(2027, 3, 16, tzinfo=UTC), False),
        ("202506", datetime(2026, 6, 15, tzinfo=UTC), False),
        ("202607", datetime(2026, 6, 28, tzinfo=UTC), True),
        ("202608", datetime(2026, 6, 28, tzinfo=UTC), False),
        ("202613", datetime(2026, 6, 28, tzinfo=UTC), False),
    ],
)
def test_version_when_its_year_is_over_then_not_active(
    version: str, now: datetime, active: bool
) -> None:
    assert is_active(version, now) is active


def test_token_when_missing_wrong_expired_or_narrow_then_refused(page: FakeNet) -> None:
    assert error(linkedin(page, POSTS, token=None)) == (401, "EMPTY_ACCESS_TOKEN")
    assert error(linkedin(page, POSTS, token="guess")) == (401, "INVALID_ACCESS_TOKEN")
    narrow = "r_organization_social"
    page.facades["linkedin"].tokens.add("social", [narrow])  # type: ignore[attr-defined]
    assert linkedin(page, POSTS, token="social").status == 200
    refused = linkedin(page, SHARES, token="social")
    assert error(refused) == (403, "ACCESS_DENIED")
    assert refused.body["serviceErrorCode"] == 100
    page.advance(24 * 60 - 1)
    assert linkedin(page, POSTS).status == 200
    page.advance(1)  # sixty days after it was given out
    assert error(linkedin(page, POSTS)) == (401, "EXPIRED_ACCESS_TOKEN")


def test_token_when_refreshed_then_the_new_one_lives_sixty_days(page: FakeNet) -> None:
    def refresh(token: str) -> Answer:
        body = f"grant_type=refresh_token&refresh_token={token}&client_id=a&client_secret=b"
        return ask(page, "/linkedin/oauth/v2/accessToken", method="POST", token=None,
                   body=body.encode())  # fmt: skip

    assert (refresh("guess").status, refresh("guess").body["error"]) == (400, "invalid_grant")
    page.facades["linkedin"].expire_tokens(page.clock.now().astimezone(UTC))
    given = refresh("li-refresh-0001").body
    assert given["expires_in"] == 60 * 86_400
    assert error(linkedin(page, POSTS)) == (401, "EXPIRED_ACCESS_TOKEN")
    assert linkedin(page, POSTS, token=given["access_token"]).status == 200


def test_organization_when_another_then_403_and_unknown_things_are_404(page: FakeNet) -> None:
    other = "urn%3Ali%3Aorganization%3A1"
    assert linkedin(page, "organizations/7410029").body["localizedName"] == "Bean & Bond"
    for target in ("organizations/1", POSTS.replace(ORGANIZATION, other),
                   SHARES.replace(ORGANIZATION, other)):  # fmt: skip
        assert error(linkedin(page, target)) == (403, "ACCESS_DENIED")
    for target in ("posts/urn%3Ali%3Ashare%3A1", "socialActions/urn%3Ali%3Ashare%3A1/comments",
                   "socialMetadata/urn%3Ali%3Ashare%3A1"):  # fmt: skip
        assert error(linkedin(page, target)) == (404, "NOT_FOUND")
    assert error(linkedin(page, "nothing")) == (404, "RESOURCE_NOT_FOUND")


def test_parameter_when_unknown_then_403_names_it(page: FakeNet) -> None:
    refused = linkedin(page, f"{POSTS}&fields=id")
    assert error(refused) == (403, "ACCESS_DENIED")
    assert refused.body["message"].endswith("processing fields [/fields]")


def test_deleted_when_a_post_or_comment_is_gone_then_what_was_below_goes_along(
    page: FakeNet, town: World
) -> None:
    facade, end = page.facades["linkedin"], town.parameters.as_of
    before = oracle(page, "linkedin")
    posts = flat(linkedin_pages(page, POSTS, 100))
    busy = next(
        p["id"] for p in posts
        if linkedin(page, f"socialMetadata/{quote(p['id'], safe='')}").body["reactionSummaries"]
    )  # fmt: skip
    facade.store.delete("post", busy, end - timedelta(hours=1))
    after = oracle(page, "linkedin")

    gone = quote(busy, safe="")
    assert error(linkedin(page, f"posts/{gone}")) == (404, "NOT_FOUND")
    assert error(linkedin(page, f"reactions/(entity:{gone})?q=entity")) == (404, "NOT_FOUND")
    assert after["posts"] == before["posts"] - 1
    assert after["reactions"] < before["reactions"]
    assert after["totals"]["impressionCount"] < before["totals"]["impressionCount"]


def test_quota_when_the_days_requests_are_spent_then_429_until_midnight_utc(
    town: World, life: LinkedInWorld
) -> None:
    with fake_net(town) as net:  # at 22:00 UTC
        net.facades["linkedin"] = LinkedIn(
            linkedin_store(life, town.parameters.seed), town.parameters.as_of, daily_requests=3
        )
        answers = [linkedin(net, "organizations/7410029") for _ in range(4)]
        assert [a.status for a in answers] == [200, 200, 200, 429]
        assert error(answers[3]) == (429, "TOO_MANY_REQUESTS")
        assert linkedin(net, POSTS).status == 200  # a quota for each resource
        net.advance(1.9)
        assert linkedin(net, "organizations/7410029").status == 429
        net.advance(0.1)
        assert linkedin(net, "organizations/7410029").status == 200


def test_duplicates_when_injected_then_the_last_of_a_page_comes_again(page: FakeNet) -> None:
    plain = [p["id"] for p in flat(linkedin_pages(page, POSTS, 10))]
    page.script.add(Rule("linkedin", "GET /rest/posts", DuplicateAcrossPages()))
    first = linkedin(page, f"{POSTS}&start=0&count=10").body["elements"]
    second = linkedin(page, f"{POSTS}&start=10&count=10").body["elements"]
    assert [p["id"] for p in (*first, *second)] == [*plain[:10], plain[9], *plain[10:20]]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("List()", []),
        ("List(a%3Ab,c%2Cd)", ["a:b", "c,d"]),
        ("(a:(b:1,c:2),d:List(x))", {"a": {"b": "1", "c": "2"}, "d": ["x"]}),
        ("List%28a%29", "List(a)"),
        ("plain", "plain"),
    ],
)
def test_value_when_parsed_then_only_raw_signs_count(text: str, value: object) -> None:
    assert parse(text) == value


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
VALUES = st.recursive(
    TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=12,
)


def written(value: object) -> str:
    """A value as Rest.li writes it."""
    if isinstance(value, list):
        return f"List({','.join(map(written, value))})"
    if isinstance(value, dict):
        return f"({','.join(f'{written(k)}:{written(v)}' for k, v in value.items())})"
    return quote(str(value), safe="")


@given(VALUES)
def test_value_when_written_with_its_parts_encoded_then_it_is_read_back(value: object) -> None:
    assert parse(written(value)) == value


@pytest.mark.parametrize("text", ["", "List(a", "List(a,)", "(a)", "(a:)", "a:b", "(a:1)b", "()b"])
def test_value_when_malformed_then_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        parse(text)


def test_text_when_it_has_signs_of_the_notation_then_they_are_escaped() -> None:
    assert little_text("a (b) <c> #moka d_e") == r"a \(b\) \<c\> {hashtag|\#|moka} d\_e"
