"""Real exports, with the figures that their owners state."""

from __future__ import annotations

from datetime import UTC, datetime

import pyarrow.compute as pc

from tests.support.data import shared_data
from tests.unit.files.reading import read_all, shipped_feed


def test_read_cdnow_gives_every_order_in_minor_units() -> None:
    tables, rejects, batches = read_all(
        shipped_feed("cdnow"), shared_data("orders/CDNOW_sample.txt")
    )
    orders = tables["orders"]
    assert (orders.num_rows, rejects, batches[0].rejected_records) == (6_919, [], 0)
    assert pc.count_distinct(orders["order_id"]).as_py() == 6_919
    assert pc.count_distinct(orders["contact_id"]).as_py() == 2_357
    assert pc.sum(orders["gross_minor"]).as_py() == 24_409_194
    assert pc.sum(orders["item_count"]).as_py() == 16_479
    assert pc.sum(pc.equal(orders["gross_minor"], 0)).as_py() == 8
    assert pc.min(orders["ordered_at"]).as_py() == datetime(1997, 1, 1, tzinfo=UTC)
    assert pc.max(orders["ordered_at"]).as_py() == datetime(1998, 6, 30, tzinfo=UTC)
    assert orders.slice(0, 1).to_pylist()[0]["contact_id"] == "0001"


def test_read_twcs_keeps_the_record_with_bare_carriage_returns_whole() -> None:
    path = shared_data("conversations/twcs_sample_monalisa.csv")
    tables, rejects, batches = read_all(shipped_feed("twcs"), path)
    messages = tables["messages"]
    assert (sum(b.rows_read for b in batches), messages.num_rows, rejects) == (5_000, 5_000, [])
    trapped = messages.filter(pc.equal(messages["message_id"], "3399")).to_pylist()[0]
    assert trapped["_line_number"] == 2_589
    assert trapped["text"].count("\r") == 2
    inbound = messages.filter(pc.equal(messages["direction"], "inbound"))
    outbound = messages.filter(pc.equal(messages["direction"], "outbound"))
    assert (inbound.num_rows, outbound.num_rows) == (2_778, 2_222)
    assert pc.count_distinct(outbound["account_id"]).as_py() == 76
    assert outbound["author_profile_id"].null_count == 2_222
    assert messages.num_rows - messages["parent_message_id"].null_count == 3_694
    present = pc.is_in(messages["parent_message_id"], value_set=messages["message_id"])
    assert pc.sum(pc.and_(present, pc.is_valid(messages["parent_message_id"]))).as_py() == 3_688
    assert pc.min(messages["sent_at"]).as_py() == datetime(2011, 8, 29, 3, 20, 5, tzinfo=UTC)
    assert pc.max(messages["sent_at"]).as_py() == datetime(2017, 12, 3, 18, 52, 36, tzinfo=UTC)


def test_read_deals_gives_stages_and_won_value() -> None:
    path = shared_data("crm/sparklesquad/sales-pipeline.csv")
    tables, rejects, _ = read_all(shipped_feed("sparklesquad_deals"), path)
    deals = tables["deals"]
    assert (deals.num_rows, rejects) == (14_277, [])
    stages = {
        row["values"]: row["counts"] for row in deals["stage_category"].value_counts().to_pylist()
    }
    assert stages == {"won": 6_438, "lost": 3_493, "open": 4_346}
    won = deals.filter(pc.equal(deals["stage_category"], "won"))
    assert pc.sum(won["amount_minor"]).as_py() == 17_936_928 * 100
    assert deals["company_id"].null_count == 5_393


def test_read_clicks_numbers_them_by_line() -> None:
    path = shared_data("crm/sparklesquad/clicks.csv")
    clicks = read_all(shipped_feed("sparklesquad_clicks"), path)[0]["clicks"]
    assert clicks.num_rows == pc.count_distinct(clicks["click_id"]).as_py() == 30_244
    channels = {r["values"]: r["counts"] for r in clicks["channel"].value_counts().to_pylist()}
    assert channels == {
        "Paid": 6_520, "Email": 5_396, "Referral": 5_253, "Direct": 4_512, "Organic": 4_409,
        "Social": 4_154,
    }  # fmt: skip
    assert clicks["click_id"][0].as_py() == "2"  # line 1 is the header


def test_read_companies_keeps_unmapped_headers_as_payload() -> None:
    path = shared_data("crm/sparklesquad/accounts.csv")
    companies = read_all(shipped_feed("sparklesquad_companies"), path)[0]["companies"]
    assert companies.num_rows == 97
    assert companies["_payload"][0].as_py() == '{"Revenue":"4592.96","Employees":"13938.0"}'


def test_read_posts_keeps_empty_metrics_as_null() -> None:
    path = shared_data("social/uci_facebook_metrics.csv")
    tables, rejects, batches = read_all(shipped_feed("uci_posts"), path)
    posts, metrics = tables["posts"], tables["post_metrics"]
    assert (batches[0].rows_read, posts.num_rows, metrics.num_rows) == (500, 500, 12 * 500)
    assert rejects == []
    assert posts["is_paid"].null_count == 1
    empty = metrics.filter(pc.is_null(metrics["value"]))["metric"].value_counts().to_pylist()
    assert {row["values"]: row["counts"] for row in empty} == {"likes": 1, "shares": 4}
    first = {r["metric"]: r["value"] for r in metrics.to_pylist() if r["post_id"] == "2"}
    assert (first["reach"], first["comments"], first["interactions"]) == (2_752.0, 4.0, 100.0)


def test_read_airline_tweets_takes_times_in_the_declared_zone() -> None:
    tables, rejects, _ = read_all(
        shipped_feed("airline_tweets"), shared_data("social/airline_tweets.csv")
    )
    messages = tables["messages"]
    assert (messages.num_rows, rejects) == (14_640, [])
    assert pc.count_distinct(messages["message_id"]).as_py() == 14_485
    brands = {r["values"]: r["counts"] for r in messages["account_id"].value_counts().to_pylist()}
    assert brands["United"] == 3_822
    # 2015-02-24 11:35 on the Pacific coast is 19:35 UTC in winter.
    assert messages["sent_at"][0].as_py() == datetime(2015, 2, 24, 19, 35, tzinfo=UTC)
    assert messages["author_profile_id"].null_count == 14_640
