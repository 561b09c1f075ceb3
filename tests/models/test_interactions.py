"""Real support conversations: response rates and times equal an independent computation."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import duckdb
import pandas as pd
import pytest

from tests.support.acts import build, inbound, outbound, rows
from tests.support.conversations_oracle import Response, own_words, responses
from tests.support.data import ROOT, shared_data
from tests.support.raw import RawWarehouse

AS_OF = datetime(2017, 12, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def tweets() -> list[dict[str, Any]]:
    """The file as messages; only LF ends a record, parents are written like `3.0`."""
    frame = pd.read_csv(
        shared_data("conversations/twcs_sample_monalisa.csv"), dtype=str, lineterminator="\n"
    )
    instants = pd.to_datetime(frame["created_at"], format="%a %b %d %H:%M:%S %z %Y")
    return [
        {
            "message_id": tweet_id,
            "id_hash": hashlib.md5(f"x|message|{tweet_id}".encode()).hexdigest(),
            "parent_message_id": None if pd.isna(parent) else parent.removesuffix(".0"),
            "direction": "inbound" if is_inbound == "True" else "outbound",
            "author": author if is_inbound == "True" else None,
            "account_id": None if is_inbound == "True" else author,
            "sent_at": at.to_pydatetime(),
            "text": text,
        }
        for tweet_id, parent, is_inbound, author, at, text in zip(
            frame["tweet_id"], frame["in_response_to_tweet_id"], frame["inbound"],
            frame["author_id"], instants, frame["text"], strict=True,
        )
    ]  # fmt: skip


@pytest.fixture(scope="module")
def built(
    tmp_path_factory: pytest.TempPathFactory, tweets: list[dict[str, Any]]
) -> Iterator[duckdb.DuckDBPyConnection]:
    raw = RawWarehouse(tmp_path_factory.mktemp("twcs"), as_of=AS_OF.isoformat())
    landed = [
        {
            "network": "x",
            "message_kind": "reply",
            "author_profile_id_key": tweet["author"],
            **{k: v for k, v in tweet.items() if k not in ("author", "id_hash")},
        }
        for tweet in tweets
    ]
    raw.land("messages", landed)
    raw.land("messages", landed[:100])  # duplicates collapse
    con = build(raw, "responses", "interactions")
    yield con
    con.close()


def test_twcs_when_loaded_then_every_message_is_an_act_and_orphans_stay(
    built: duckdb.DuckDBPyConnection,
) -> None:
    assert rows(
        built,
        "select count(*), count(*) filter (direction = 'inbound'),"
        " count(distinct account_id) filter (direction = 'outbound') from marts.interactions",
    ) == [(5000, 2778, 76)]
    assert rows(
        built,
        "select count(*) filter (is_orphan), count(parent_message_id)"
        " from intermediate.int_messages_identified",
    ) == [(6, 3694)]


def test_twcs_when_compared_with_plain_python_then_turns_answers_and_rates_are_equal(
    built: duckdb.DuckDBPyConnection, tweets: list[dict[str, Any]]
) -> None:
    with (ROOT / "dbt_project/seeds/acknowledgements.csv").open(encoding="utf-8") as file:
        phrases = {" ".join(own_words(row["phrase"])) for row in csv.DictReader(file)}
    expected = responses(tweets, phrases, AS_OF)
    natives = {tweet["id_hash"]: tweet["message_id"] for tweet in tweets}
    found = {
        natives[response_id]: Response(brand, opened, answered, mature)
        for response_id, brand, opened, answered, mature in rows(
            built,
            "select response_id, brand_id, opened_at, first_human_at, is_mature from marts.responses",
        )
    }
    assert found == expected
    assert len(expected) > 1500  # the comparison is about something
    mature = Counter(r.brand for r in expected.values() if r.is_mature)
    within = Counter(
        r.brand
        for r in expected.values()
        if r.is_mature
        and r.answered_at is not None
        and (r.answered_at - r.opened_at).total_seconds() <= 86400
    )
    rates = dict(
        rows(
            built,
            "select brand_id, sum(is_answered_24h::int) / count(*) from marts.responses"
            " where is_mature group by brand_id",
        )
    )
    assert rates == {brand: within[brand] / count for brand, count in mature.items()}


def test_interactions_when_reactions_and_posts_are_landed_then_each_is_one_act(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    raw = RawWarehouse(tmp_path_factory.mktemp("acts"))
    raw.seed(
        "brands",
        "brand_id,name,time_zone,base_currency,margin_rate,is_default\n"
        "brand,Brand,Europe/Rome,,,true\n",
    )
    raw.land("accounts", [{"network": "x", "account_id": "acme", "brand_id": "brand"}])
    raw.land(
        "posts",
        [
            {
                "post_id": "ad", "network": "x", "account_id": "acme", "post_kind": "video",
                "published_at": "2026-01-05 23:30:00+00", "text": "New!", "is_paid": True,
            },
            {
                "post_id": "fan", "network": "x", "author_profile_id_key": "ann",
                "published_at": "2026-01-05 12:00:00+00", "text": "#love",
            },
        ],
    )  # fmt: skip
    raw.land(
        "reactions",
        [
            {
                "reaction_id": "r", "network": "x", "act": "like", "profile_id_key": "ann",
                "target_kind": "post", "target_id": "ad", "reacted_at": "2026-01-06 00:00:00+00",
            }
        ],
    )  # fmt: skip
    raw.land(
        "messages", [inbound("1", "23:45:00", "ann", post_id="ad"), outbound("2", "23:50:00", "1")]
    )
    query = (
        "select act_group, act, brand_id, person_id is null, direction, occurred_date::varchar,"
        " is_meaningful, is_paid, is_by_brand from marts.interactions order by occurred_at"
    )
    with build(raw, "interactions") as con:
        assert rows(con, query) == [
            ("post", "post", "brand", False, "inbound", "2026-01-05", False, False, False),
            ("post", "video", "brand", True, "outbound", "2026-01-06", True, True, True),
            ("message", "comment", "brand", False, "inbound", "2026-01-06", True, True, False),
            ("message", "comment", "brand", False, "outbound", "2026-01-06", True, False, True),
            ("reaction", "like", "brand", False, "inbound", "2026-01-06", False, True, False),
        ]
