"""What people are told of a spike: counts, topics and message ids by hand."""

from __future__ import annotations

from datetime import date

import duckdb
import pytest

from pipelines.sentiment.spikes import spikes_of

DAY = date(2026, 3, 4)


@pytest.fixture
def marts() -> duckdb.DuckDBPyConnection:
    con = duckdb.connect()
    con.execute("create schema marts; create schema intermediate")
    con.execute(
        "create table marts.sentiment_daily as select * from (values"
        " ('acme', 'x', 'it', date '2026-03-04', 30, 6.2, true),"
        " ('acme', 'facebook', 'it', date '2026-03-04', 20, 6.2, true),"
        " ('acme', 'x', 'en', date '2026-03-04', 9, 1.0, false),"
        " ('acme', 'x', 'it', date '2026-02-25', 12, 0.0, false),"
        " ('acme', 'x', 'it', date '2026-02-26', 99, 0.0, false),"
        " ('acme', 'x', 'it', date '2026-01-07', 4, 0.0, false),"
        " ('acme', 'x', 'it', date '2025-12-31', 99, 0.0, false))"
        " as days (brand_id, network, lang, sent_date, neg_count, crisis_z, is_crisis)"
    )
    con.execute(
        "create table marts.message_sentiments as select * from (values"
        " ('m1', 'p_1', 'neg', -0.9), ('m2', 'p_1', 'neg', -0.8), ('m3', 'p_2', 'neg', -0.7),"
        " ('m4', null, 'neg', -0.6), ('m5', 'p_3', 'pos', 0.9))"
        " as said (message_id, person_id, label, score),"
        " (values ('acme', 'it', date '2026-03-04')) as of_day (brand_id, lang, sent_date)"
    )
    con.execute(
        "create table intermediate.int_sentiment_mentions as select * from (values"
        " ('h1', 'price', 'it'), ('h2', 'delivery', 'it'),"
        " ('h2', 'staff', 'en'), ('h5', 'product', 'it')) as mentions (content_hash, topic, lang)"
    )
    con.execute(
        "create table intermediate.int_messages_identified as select * from (values ('m1', 'h1'),"
        " ('m2', 'h2'), ('m3', 'h2'), ('m5', 'h5')) as identified (message_id, content_hash)"
    )
    return con


def test_spikes_when_a_date_stands_out_then_one_line_a_brand_and_language(marts):
    (spike,) = spikes_of(marts, DAY)
    assert spike.subject == "acme it"
    # 12 a week and 4 eight weeks before; the day after and nine weeks before are no such Wednesday.
    assert (spike.negative_count, spike.usual_count) == (50, 2.0)
    assert spike.people_share == pytest.approx(2 / 3)  # of three whose author is known
    assert spike.topics == ("delivery", "price")
    assert spike.message_ids == ("m1", "m2", "m3", "m4")
    assert spike.line() == (
        "50 negative messages by 67% as many people to acme in it on 2026-03-04, usually 2.0 (z 6.2);"
        " about delivery, price; messages m1, m2, m3, m4"
    )


def test_spikes_when_the_day_is_quiet_then_none(marts):
    assert spikes_of(marts, date(2026, 2, 25)) == []
