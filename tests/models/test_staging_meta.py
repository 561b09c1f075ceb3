"""Facebook and Instagram as the contract sees them: from raw rows by hand to staged rows by hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from tests.support.acts import build, rows
from tests.support.raw import RawWarehouse
from tests.support.raw_apis import land

PAGE, ACCOUNT = "1789", "178414"
OF_PAGE, OF_ACCOUNT = {"_account_id": PAGE}, {"_account_id": ACCOUNT}
AT = "2026-02-01 10:00:00+00"


def post(post_id: str, place: str = "published", **more: object) -> dict[str, object]:
    usual = {"id": post_id, "place": place, "is_own": place == "published", "created_at": AT}
    return OF_PAGE | usual | {"message": "Hello"} | more


def said(comment_id: str, **more: object) -> dict[str, object]:
    usual = {"id": comment_id, "post_id": "1789_1", "place": "published", "is_own": False}
    return OF_PAGE | usual | {"created_at": AT, "message": "Hi", "author_id_key": "k_ada"} | more


def figure(
    kind: str, object_id: str, metric: str, value: float | None, **more: object
) -> dict[str, object]:
    usual = {"object_kind": kind, "object_id": object_id, "metric": metric, "value": value}
    return usual | {"period": "lifetime", "slot": "2026-03-01"} | more


def land_facebook(raw: RawWarehouse) -> None:
    land(raw, "facebook", "accounts", [OF_PAGE | {"id": PAGE, "username": "bean", "name": "Bean"}])
    land(raw, "facebook", "posts", [
        post("1789_1", status_type="added_video", promotion_status="active"),
        post("1789_2", message=None, story="Bean changed its cover.", status_type="shared_story"),
        post("person_3", "tagged", author_id_key="k_ada"),
        post("1789_4"),
    ])  # fmt: skip
    land(raw, "facebook", "posts", [post("1789_4", _is_deleted=True)], night="2026-03-05")
    land(raw, "facebook", "posts", [post("1789_5")], committed=False)
    land(raw, "facebook", "reviews", [OF_PAGE | {
        "id": "1789_7", "author_id_key": "k_bo", "is_own": False, "created_at": AT, "rating": 4.0,
        "text": "Nice",
    }])  # fmt: skip
    land(raw, "facebook", "comments", [
        said("1_1"),
        said("1_2", is_own=True, parent_id="1_1", author_id_key="k_page"),
        said("3_1", post_id="person_3", place="tagged"),
        said("7_1", post_id="1789_7", place="review", is_own=True, is_private=True),
    ])  # fmt: skip
    land(raw, "facebook", "direct_messages", [
        OF_PAGE | {"id": "m_1", "conversation_id": "t_1", "is_own": False, "author_id_key": "k_ada",
                   "to_id_key": "k_page", "created_at": AT, "message": "Hello?"},
        OF_PAGE | {"id": "m_2", "conversation_id": "t_1", "is_own": True, "author_id_key": "k_page",
                   "to_id_key": "k_ada", "created_at": AT, "message": "Yes."},
    ])  # fmt: skip
    land(raw, "facebook", "reactions", [
        OF_PAGE | {"post_id": "1789_1", "actor_id_key": f"k_{kind}", "reaction_type": kind}
        for kind in ("LIKE", "CARE", "ANGRY", "NEW")
    ])  # fmt: skip
    land(raw, "facebook", "videos", [OF_PAGE | {"id": "v1", "post_id": "1789_1", "created_at": AT}])
    land(raw, "facebook", "profiles", [{"id_key": "k_ada", "name_key": "n", "name_masked": "A."}])
    land(raw, "facebook", "metrics", [
        figure("posts", "1789_1", "post_media_view", 640.0),
        figure("posts", "1789_1", "post_total_media_view_unique", None, reason="not_reported"),
        figure("posts", "1789_1", "post_reactions_by_type_total", 2.0, breakdown="love"),
        figure("posts", "1789_1", "reactions", 5.0),
        figure("videos", "v1", "total_video_views", 77.0),
        figure("comments", "1_1", "like_count", 1.0),
        figure("accounts", PAGE, "page_media_view", 9.0, period="day"),
    ])  # fmt: skip
    land(raw, "facebook", "metrics", [
        figure("posts", "1789_1", "post_media_view", 610.0, slot="2026-03-02"),
    ], night="2026-03-02")  # fmt: skip


def land_instagram(raw: RawWarehouse) -> None:
    land(raw, "instagram", "accounts", [OF_ACCOUNT | {"id": ACCOUNT, "username": "bean"}])
    medium = OF_ACCOUNT | {"created_at": AT, "caption": "Hi"}
    land(raw, "instagram", "media", [
        medium | {"id": "m1", "media_type": "VIDEO", "media_product_type": "REELS"},
        medium | {"id": "m2", "media_type": "CAROUSEL_ALBUM", "media_product_type": "FEED"},
        medium | {"id": "m3", "media_type": "VIDEO", "media_product_type": "FEED"},
    ])  # fmt: skip
    land(raw, "instagram", "stories", [
        medium | {"id": "s1", "media_type": "IMAGE", "media_product_type": "STORY"}
    ])  # fmt: skip
    land(
        raw,
        "instagram",
        "tags",
        [medium | {"id": "x1", "username_key": "k_ada", "media_type": "IMAGE"}],
    )
    land(raw, "instagram", "comments", [
        OF_ACCOUNT | {"id": "c1", "media_id": "m1", "is_own": False, "author_id_key": "k_7",
                      "username_key": "k_ada", "created_at": AT, "text": "Wow", "hidden": True},
        OF_ACCOUNT | {"id": "c2", "media_id": "m1", "is_own": True, "username_key": "k_bean",
                      "parent_id": "c1", "created_at": AT, "text": "Thanks", "hidden": False},
    ])  # fmt: skip
    land(raw, "instagram", "profiles", [{"id_key": "k_7", "username_key": "k_ada"}])
    land(raw, "instagram", "metrics", [
        figure("media", "m1", "views", 300.0),
        figure("media", "m1", "likes", 8.0),
        figure("media", "m1", "like_count", 9.0),
        figure("stories", "s1", "navigation", 3.0, breakdown="tap_exit", slot="2026-03-01T06"),
        figure("stories", "s1", "navigation", 4.0, breakdown="tap_exit", slot="2026-03-01T12"),
    ])  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("meta"), as_of="2026-03-08 00:00:00+00")
    land_facebook(raw)
    land_instagram(raw)
    folders = ("path:models/staging/facebook", "path:models/staging/instagram")
    with raw.build("--select", *folders) as con:
        yield con


def hashed(network: str, kind: str, native: str) -> str:
    return f"md5('{network}|{kind}|{native}')"


def test_posts_when_staged_then_kinds_accounts_and_no_text_of_what_was_deleted(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        built,
        "select native_id, account_id, post_kind, text, is_boosted, author_profile_key, is_deleted,"
        " deleted_at::date::varchar from staging.stg_facebook__posts order by 1",
    )
    assert found == [
        ("1789_1", PAGE, "video", "Hello", True, None, False, None),
        ("1789_2", PAGE, "share", "Bean changed its cover.", None, None, False, None),
        ("1789_4", PAGE, "post", None, None, None, True, "2026-03-05"),
        ("person_3", None, "post", "Hello", None, "k_ada", False, None),
    ]


def test_messages_when_staged_then_threads_directions_and_whom_they_are_for(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        built,
        f"""
        select
            native_id, message_kind, direction, is_public,
            thread_id = {hashed("facebook", "thread", "1_1")},
            parent_message_id in ({hashed("facebook", "message", "1_1")}, {hashed("facebook", "message", "1789_7")}),
            post_id = {hashed("facebook", "post", "1789_1")},
            to_profile_key, rating
        from staging.stg_facebook__messages order by 1
        """,
    )
    assert found == [
        ("comment|1_1", "comment", "inbound", True, True, None, True, None, None),
        ("comment|1_2", "reply", "outbound", True, True, True, True, None, None),
        ("comment|3_1", "comment", "peer", True, False, None, False, None, None),
        ("comment|7_1", "reply", "outbound", False, False, True, None, None, None),
        ("dm|m_1", "dm", "inbound", False, False, None, None, None, None),
        ("dm|m_2", "dm", "outbound", False, False, None, None, "k_ada", None),
        ("review|1789_7", "review", "inbound", True, False, None, None, None, 4.0),
    ]
    threads = (
        "select count(distinct thread_id) from staging.stg_facebook__messages where native_id in"
    )
    assert rows(built, f"{threads} ('comment|7_1', 'review|1789_7')") == [(1,)]
    assert rows(built, f"{threads} ('dm|m_1', 'dm|m_2')") == [(1,)]


def test_reactions_when_staged_then_known_acts_and_the_first_sight(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        built,
        "select profile_key, act, reacted_at::date::varchar from staging.stg_facebook__reactions"
        " order by 1",
    )
    seen = "2026-03-01"
    assert found == [
        ("k_ANGRY", "angry", seen), ("k_CARE", "love", seen), ("k_LIKE", "like", seen),
        ("k_NEW", "like", seen),
    ]  # fmt: skip


def test_post_metrics_when_staged_then_one_series_per_name_and_each_observation(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        built,
        "select metric, value, observed_at::date::varchar from staging.stg_facebook__post_metrics"
        f" where post_id = {hashed('facebook', 'post', '1789_1')} order by all",
    )
    assert found == [
        ("impressions", 610.0, "2026-03-02"),
        ("impressions", 640.0, "2026-03-01"),
        ("reach", None, "2026-03-01"),
        ("reactions", 5.0, "2026-03-01"),
        ("reactions_love", 2.0, "2026-03-01"),
        ("total_video_views", 77.0, "2026-03-01"),
    ]
    assert rows(built, "select count(*) from staging.stg_facebook__post_metrics") == [(6,)]


def test_instagram_when_staged_then_kinds_and_authors_by_handle_where_no_id_is_told(
    built: duckdb.DuckDBPyConnection,
) -> None:
    posts = rows(
        built,
        "select native_id, post_kind, account_id, author_profile_key"
        " from staging.stg_instagram__posts order by 1",
    )
    assert posts == [
        ("media|m1", "reel", ACCOUNT, None), ("media|m2", "post", ACCOUNT, None),
        ("media|m3", "video", ACCOUNT, None), ("story|s1", "story", ACCOUNT, None),
        ("tag|x1", "post", None, "k_ada"),
    ]  # fmt: skip
    messages = rows(
        built,
        "select native_id, message_kind, direction, is_public, author_profile_key"
        " from staging.stg_instagram__messages order by 1",
    )
    assert messages == [
        ("c1", "comment", "inbound", False, "k_7"), ("c2", "reply", "outbound", True, "k_bean"),
    ]  # fmt: skip
    profiles = "select profile_key, handle_key from staging.stg_instagram__profiles"
    assert rows(built, profiles) == [("k_7", "k_ada")]


def test_instagram_metrics_when_staged_then_counters_count_and_slots_stay_apart(
    built: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        built, "select metric, value from staging.stg_instagram__post_metrics order by all"
    )
    assert found == [
        ("impressions", 300.0), ("likes", 9.0), ("navigation_tap_exit", 3.0),
        ("navigation_tap_exit", 4.0),
    ]  # fmt: skip


def test_accounts_when_staged_then_days_are_pacific(built: duckdb.DuckDBPyConnection) -> None:
    for network, account in (("facebook", PAGE), ("instagram", ACCOUNT)):
        sql = f"select account_id, handle, native_time_zone from staging.stg_{network}__accounts"
        assert rows(built, sql) == [(account, "bean", "America/Los_Angeles")]


@pytest.mark.long
def test_marts_when_both_are_in_use_then_their_acts_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    raw = RawWarehouse(tmp_path, as_of="2026-03-08 00:00:00+00")
    land_facebook(raw)
    land_instagram(raw)
    monkeypatch.setenv("ROR_SOURCES", "facebook,instagram")
    with build(raw, "interactions", "responses") as con:
        found = rows(
            con,
            "select network, act, direction, count(*) from marts.interactions group by all order by all",
        )
    assert found == [
        ("facebook", "angry", "inbound", 1), ("facebook", "comment", "inbound", 1),
        ("facebook", "comment", "peer", 1), ("facebook", "dm", "inbound", 1),
        ("facebook", "dm", "outbound", 1), ("facebook", "like", "inbound", 2),
        ("facebook", "love", "inbound", 1), ("facebook", "post", "inbound", 1),
        ("facebook", "post", "outbound", 1),  # deleted: a tombstone without text
        ("facebook", "reply", "outbound", 2), ("facebook", "review", "inbound", 1),
        ("facebook", "share", "outbound", 1), ("facebook", "video", "outbound", 1),
        ("instagram", "comment", "inbound", 1), ("instagram", "post", "inbound", 1),
        ("instagram", "post", "outbound", 1), ("instagram", "reel", "outbound", 1),
        ("instagram", "reply", "outbound", 1), ("instagram", "story", "outbound", 1),
        ("instagram", "video", "outbound", 1),
    ]  # fmt: skip
