"""Figures of posts and accounts, and cross-posts, against plain Python and planted truth."""

from __future__ import annotations

import hashlib
import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any

import duckdb
import pytest

from pipelines.world.crossposts import CHANNEL, contents, repeat_posts
from pipelines.world.parameters import WorldParameters
from pipelines.world.people import populate
from pipelines.world.posts import publish_posts
from tests.support.acts import build, rows
from tests.support.raw import RawWarehouse

AS_OF = datetime(2026, 6, 29, tzinfo=UTC)
FIRST = date(2026, 6, 1)
WORDS = [f"{stem}{end}" for stem in ("caff", "кофе", "roast", "mok", "тёмн") for end in range(60)]
MARTS = ("post_performance_daily", "audience_daily", "engagement_daily", "contents")


def post_id(network: str, native: str) -> str:
    return hashlib.md5(f"{network}|post|{native}".encode()).hexdigest()


def world_posts() -> tuple[list[dict[str, Any]], dict[str, str]]:
    """The demo's posts and channel as they land, and the content of each."""
    parameters = WorldParameters()
    posts = publish_posts(parameters, populate(parameters).people)
    repeated = repeat_posts(parameters, posts)
    landed = [
        {
            "post_id": p.post_id, "network": p.account.network, "account_id": p.account.account_id,
            "published_at": p.published_at, "text": p.text, "is_paid": p.is_paid, "is_boosted": p.is_boosted,
        }
        for p in posts if p.author is None
    ]  # fmt: skip
    landed += [
        {
            "post_id": c.post_id, "network": CHANNEL.network, "account_id": CHANNEL.account_id,
            "published_at": c.published_at, "text": c.text,
        }
        for c in repeated
    ]  # fmt: skip
    truth = {post_id(*key.split("|")): value for key, value in contents(posts, repeated).items()}
    return landed, truth


def hard_posts() -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Three accounts that repeat each other with changes, amid texts that only resemble them."""
    dice = random.Random(11)
    landed, truth = [], {}

    def say(content: str, account: str, at: datetime, words: list[str]) -> None:
        native = f"h{len(landed)}"
        landed.append({
            "post_id": native, "network": f"net{account}", "account_id": f"hard{account}",
            "published_at": at, "text": " ".join(words),
        })  # fmt: skip
        truth[post_id(f"net{account}", native)] = content

    for number in range(400):
        at = AS_OF - timedelta(days=90) + timedelta(hours=5 * number, minutes=dice.randrange(240))
        words = dice.sample(WORDS, dice.randrange(9, 30))
        say(f"c{number}", "a", at, words)
        copy = words.copy()
        match number % 5:
            case 0 | 1:  # a word in fifteen is another one, tags and a link come with it
                for place in range(14, len(copy), 15):
                    copy[place] = dice.choice(WORDS)
                copy += ["#one", "@two", "https://example.org/x"]
            case 2:  # cut where the network ends, in the middle of a word
                copy = copy[: max(8, len(copy) * 2 // 3)]
                copy[-1] = copy[-1][:3]
            case 3:  # another text: a word in five is another one
                for place in range(0, len(copy), 5):
                    copy[place] = dice.choice(WORDS)
            case 4:  # the same three days later is another content
                at += timedelta(days=3)
        content = f"c{number}" if number % 5 < 3 else f"other{number}"
        say(content, "b", at + timedelta(minutes=dice.randrange(1, 600)), copy)
    return landed, truth


def scores(truth: dict[str, str], found: dict[str, str]) -> tuple[float, float, int]:
    """Precision and recall over pairs of posts, and how many pairs there are."""

    def pairs(of: dict[str, str]) -> set[tuple[str, ...]]:
        groups = defaultdict(list)
        for post in truth:
            groups[of[post]].append(post)
        return {pair for group in groups.values() for pair in combinations(sorted(group), 2)}

    wanted, got = pairs(truth), pairs(found)
    return len(wanted & got) / len(got), len(wanted & got) / len(wanted), len(wanted)


def readings(seed: int, posts: int) -> list[dict[str, Any]]:
    """Readings of made posts, some of them late, some empty, some of a day that was read before."""
    dice = random.Random(seed)
    made = []
    for post in range(posts):
        for day in range(1, 12):
            for metric in ("impressions", "likes", "comments", "shares"):
                if dice.random() < 0.35:
                    continue
                for _ in range(dice.choice((1, 1, 2))):
                    read = datetime(2026, 6, 1, 3, tzinfo=UTC) + timedelta(
                        days=day + dice.randrange(9), minutes=len(made)
                    )
                    made.append({
                        "post_id": f"m{post}", "network": "x", "metric": metric, "basis": "lifetime",
                        "metric_date": FIRST + timedelta(days=day), "observed_at": read,
                        "value": None if dice.random() < 0.1 else dice.randrange(1, 2000),
                    })  # fmt: skip
    return made


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> RawWarehouse:
    raw = RawWarehouse(tmp_path_factory.mktemp("audience"), as_of=AS_OF.isoformat())
    demo, hard = world_posts()[0], hard_posts()[0]
    made = [
        {
            "post_id": f"m{n}", "network": "x", "account_id": "acme",
            "published_at": f"2026-06-0{1 + n % 5} 10:00:00+00", "is_paid": n % 4 == 0, "is_boosted": False,
        }
        for n in range(12)
    ]  # fmt: skip
    of_demo = {(post["network"], post["account_id"]) for post in demo}
    raw.land("accounts", [
        {"network": "x", "account_id": "acme", "brand_id": "brand"},
        *({"network": f"net{a}", "account_id": f"hard{a}", "brand_id": "hard"} for a in "ab"),
        *({"network": n, "account_id": a, "brand_id": "bean"} for n, a in sorted(of_demo)),
    ])  # fmt: skip
    raw.land("posts", demo + hard + made)
    raw.land("post_metrics", readings(1, 12))
    raw.land("account_metrics", [
        {
            "network": "x", "account_id": "acme", "metric": "followers", "basis": "stock",
            "metric_date": FIRST + timedelta(days=3), "value": 500, "observed_at": AS_OF,
        },
    ])  # fmt: skip
    build(raw, *MARTS, with_tests=False).close()
    return raw


def newest(made: list[dict[str, Any]]) -> Iterator[tuple[str, date, dict[str, int]]]:
    """Per post and date the figures by their newest reading that says something."""
    by_date: dict[tuple[str, date], dict[str, tuple[datetime, int]]] = defaultdict(dict)
    for row in made:
        cell = by_date[row["post_id"], row["metric_date"]]
        if (
            row["value"] is not None
            and row["observed_at"] >= cell.get(row["metric"], (row["observed_at"],))[0]
        ):
            cell[row["metric"]] = (row["observed_at"], row["value"])
    for (post, day), cell in by_date.items():
        yield post, day, {metric: value for metric, (_, value) in cell.items()}


def check_figures(raw: RawWarehouse, made: list[dict[str, Any]]) -> None:
    expected = {}
    for post, day, cell in newest(made):
        parts = [cell[name] for name in ("likes", "comments", "shares") if name in cell]
        engagement, shown = sum(parts) if parts else None, cell.get("impressions")
        number = int(post[1:])
        expected[post_id("x", post), day] = (
            shown, engagement,
            engagement / shown if engagement is not None and shown else None,
            500 if 1 + number % 5 >= 4 else None, number % 4 != 0,
        )  # fmt: skip
    with duckdb.connect(str(raw.path), read_only=True) as con:
        found = {
            (post, day): tuple(rest)
            for post, day, *rest in rows(
                con,
                "select post_id, observed_date, impression_count, engagement_count,"
                " engagement_rate_by_impressions, followers_at_publish_count, is_organic"
                " from marts.post_performance_daily",
            )
        }
        grown = rows(
            con,
            "select reach_kind, sum(impression_count), sum(engagement_count) from marts.engagement_daily"
            " where network = 'x' and observed_post_count > 0 group by 1 order by 1",
        )
    assert found == expected
    # What was gained day by day adds up to the newest figures.
    totals = {"organic": [0, 0], "paid": [0, 0]}
    for post in {post for post, _ in expected}:
        days = sorted((key[1], value) for key, value in expected.items() if key[0] == post)
        kind = "organic" if days[0][1][4] else "paid"
        for place in (0, 1):
            known = [value[place] for _, value in days if value[place] is not None]
            totals[kind][place] += known[-1] if known else 0
    assert grown == [(kind, *sums) for kind, sums in sorted(totals.items())]


def test_post_performance_when_read_late_and_again_then_equals_plain_python(
    warehouse: RawWarehouse,
) -> None:
    check_figures(warehouse, readings(1, 12))


@pytest.mark.long
def test_post_performance_when_a_night_brings_more_then_equals_plain_python_again(
    warehouse: RawWarehouse,
) -> None:
    more = readings(2, 5)
    for row in more:
        row["observed_at"] += timedelta(seconds=7)
    warehouse.land("post_metrics", more)
    build(warehouse, "post_performance_daily", "engagement_daily", with_tests=False).close()
    check_figures(warehouse, readings(1, 12) + more)


@pytest.mark.parametrize("planted", [world_posts, hard_posts], ids=["demo", "hard"])
def test_contents_when_cross_posts_are_planted_then_they_are_found_and_others_kept_apart(
    warehouse: RawWarehouse, planted: Any
) -> None:
    truth = planted()[1]
    with duckdb.connect(str(warehouse.path), read_only=True) as con:
        found = dict(rows(con, "select post_id, content_id from marts.posts"))
    precision, recall, pairs = scores(truth, found)
    assert pairs > 100
    assert precision >= 0.98
    assert recall >= 0.95


def test_audience_when_only_one_number_is_known_then_other_days_are_empty_not_zero(
    warehouse: RawWarehouse,
) -> None:
    with duckdb.connect(str(warehouse.path), read_only=True) as con:
        found = rows(
            con,
            "select count(*), count(follower_count), sum(follower_count), count(net_count),"
            " count(*) filter (is_reported) from marts.audience_daily",
        )
    assert found == [(25, 1, 500, 0, 1)]  # 4 June to 28 June
