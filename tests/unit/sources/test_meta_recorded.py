"""Facebook and Instagram read recorded answers, which no code of ours has made."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.sources.facebook import FACEBOOK, FacebookConfig
from pipelines.sources.instagram import INSTAGRAM, InstagramConfig
from tests.support.recorded import Recorded, reading_of, rows_of

FIXTURES = Path(__file__).parents[2] / "contract" / "fixtures"
NOW = datetime(2026, 1, 7, 12, tzinfo=UTC)
Rows = dict[str, list[dict[str, Any]]]


def config(kind: type[Any], **values: Any) -> Any:
    found = kind()
    for name, value in ({"access_token": "fixture-token"} | values).items():
        setattr(found, name, value)
    return found


@pytest.fixture(scope="module")
def facebook() -> tuple[Rows, Recorded]:
    recorded = Recorded(FIXTURES / "facebook.json")
    reading = reading_of(FACEBOOK, config(FacebookConfig), recorded, NOW)
    rows = rows_of(FACEBOOK, reading)
    assert reading.unavailable == []
    return rows, recorded


@pytest.fixture(scope="module")
def instagram() -> tuple[Rows, Recorded]:
    recorded = Recorded(FIXTURES / "instagram.json")
    reading = reading_of(INSTAGRAM, config(InstagramConfig), recorded, NOW)
    rows = rows_of(INSTAGRAM, reading)
    assert reading.unavailable == []
    return rows, recorded


def figures(rows: Rows, **where: Any) -> list[tuple[Any, ...]]:
    names = ("metric", "breakdown", "period_end_at", "value", "reason")
    found = [row for row in rows["metrics"] if where.items() <= row.items()]
    return [tuple(row.get(name) for name in names) for row in found]


def test_page_when_read_then_with_its_own_token_and_the_users_only_for_the_list(
    facebook: tuple[Rows, Recorded],
) -> None:
    tokens = {
        "accounts" in wire.url: wire.headers["Authorization"] for wire in facebook[1].wires
    }  # fmt: skip
    assert tokens == {True: "Bearer fixture-token", False: "Bearer fixture-page-token"}
    assert [wire for wire in facebook[1].wires if "fixture" in wire.url] == []


def test_rows_when_read_then_no_token_and_no_link_is_left_in_them(
    facebook: tuple[Rows, Recorded], instagram: tuple[Rows, Recorded]
) -> None:
    for rows, _ in (facebook, instagram):
        assert "fixture" not in str(rows)
        assert "paging" not in str(rows)


def test_posts_when_read_then_by_the_list_they_stand_in_and_without_a_persons_id(
    facebook: tuple[Rows, Recorded],
) -> None:
    posts = [(p["id"], p["place"], p["is_own"], p.get("message")) for p in facebook[0]["posts"]]
    assert posts == [
        ("1789_122", "published", True, "New beans are in."),
        ("1789_123", "published", True, None),
        ("person_900", "tagged", False, "Best espresso!"),
    ]
    assert facebook[0]["posts"][2]["permalink_url"] is None


def test_comments_when_read_then_who_wrote_them_and_below_what(
    facebook: tuple[Rows, Recorded],
) -> None:
    comments = [(c["id"], c["post_id"], c["place"], c["is_own"]) for c in facebook[0]["comments"]]
    assert comments == [
        ("122_1", "1789_122", "published", False),
        ("122_2", "1789_122", "published", True),
    ]
    people = {(person["id"], person["name"]) for person in facebook[0]["profiles"]}
    assert people == {("9007199254740993", "Bo Example"), ("4455", "Ada Example")}


def test_days_of_a_page_when_in_winter_then_they_end_at_8_and_a_missing_day_has_no_value(
    facebook: tuple[Rows, Recorded],
) -> None:
    """It is noon of the 7th in London: the day that ended at 8 on the 7th may still come."""
    rows, _ = facebook
    first = [row for row in figures(rows, metric="page_media_view") if row[2] < "2026-01-05"]
    assert first[:2] == [
        ("page_media_view", None, "2026-01-01T08:00:00+0000", 120, None),
        ("page_media_view", None, "2026-01-02T08:00:00+0000", 0, None),  # it says zero
    ]
    missing = figures(rows, metric="page_media_view", reason="not_reported")
    assert ("page_media_view", None, "2026-01-03T08:00:00+00:00", None, "not_reported") in missing
    late = figures(rows, metric="page_media_view", reason="not_yet_available")
    assert {row[2] for row in late} == {"2026-01-06T08:00:00+00:00", "2026-01-07T08:00:00+00:00"}


def test_figures_of_posts_when_read_then_parts_have_their_names_and_silence_is_no_zero(
    facebook: tuple[Rows, Recorded],
) -> None:
    rows, _ = facebook
    found = figures(rows, object_id="1789_122", object_kind="posts")
    assert ("post_media_view", None, None, 640, None) in found
    assert ("post_reactions_by_type_total", "like", None, 2, None) in found
    assert ("post_reactions_by_type_total", "love", None, 1, None) in found
    assert ("post_clicks", None, None, None, "not_reported") in found
    # Not two days old: its figures may still come; the other one's do not.
    unreported = ("post_total_media_view_unique", None, None, None)
    assert (*unreported, "not_yet_available") in found
    other = figures(rows, object_id="1789_123", object_kind="posts")
    assert (*unreported, "not_reported") in other


def test_instagram_when_read_then_answers_stand_beside_their_comment(
    instagram: tuple[Rows, Recorded],
) -> None:
    rows, _ = instagram
    comments = [(c["id"], c.get("parent_id"), c["is_own"], c["media_id"]) for c in rows["comments"]]
    assert comments == [
        ("17870913679156914", None, False, "17895695668004550"),
        ("17870913679156915", "17870913679156914", True, "17895695668004550"),
    ]
    assert rows["profiles"] == [{"id": "1234567", "username": "ada.example"}]
    assert rows["accounts"][0]["ig_id"] == 3126501234
    assert rows["tags"][0]["username"] == "ada.example"


def test_instagram_figures_when_empty_then_late_or_not_reported_never_zero(
    instagram: tuple[Rows, Recorded],
) -> None:
    rows, _ = instagram
    album = figures(rows, object_id="17895695668004550")
    assert ("views", None, None, 300, None) in album
    assert ("reach", None, None, 210, None) in album
    assert ("saved", None, None, None, "not_yet_available") in album  # 40 hours old
    days = figures(rows, object_kind="accounts", metric="profile_views")
    assert {(value, reason) for _, _, _, value, reason in days} == {
        (None, "not_reported"), (None, "not_yet_available"),
    }  # fmt: skip
    assert len(days) == 89
