from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

from pipelines.errors import RorError
from pipelines.files.feeds import load_feed
from pipelines.files.infer import infer_feed
from tests.support.data import shared_data
from tests.unit.files.reading import read_all, write


def test_infer_feed_when_all_required_headers_are_found_drafts_a_feed_that_reads_the_file(
    tmp_path: Path,
) -> None:
    body = (
        "Order ID;Customer ID;Created at;Total amount;Currency;Colour\n"
        "A1;c7;05.01.2024 10:00;1.234,50;EUR;red\nA2;c8;06.02.2024 11:30;9,90;EUR;blue\n"
    )
    path = write(tmp_path / "shop orders.csv", body.encode("cp1252"))
    draft = infer_feed(path, "shop_orders")
    feed = load_feed(write(tmp_path / "shop_orders.yml", draft))
    assert (feed.delimiter, feed.decimal, feed.thousands, feed.date_formats) == (
        ";", ",", ".", ("%d.%m.%Y %H:%M",),
    )  # fmt: skip
    tables, rejects, _ = read_all(feed, path)
    assert rejects == []
    first = tables["orders"].to_pylist()[0]
    assert (first["order_id"], first["contact_id"], first["gross_minor"]) == ("A1", "c7", 123_450)
    assert '#   "Colour": text' in draft


@pytest.mark.parametrize(
    ("file", "entity", "expected", "needed"),
    [
        (
            "crm/sparklesquad/sales-pipeline.csv",
            "deals",
            {
                "deal_id": "Opportunity_ID",
                "amount_minor": "Close_Value",
                "close_date": "Close_Date",
            },
            {"stage_category"},
        ),
        (
            "conversations/twcs_sample_monalisa.csv",
            "messages",
            {"message_id": "tweet_id", "sent_at": "created_at", "text": "text"},
            {"network", "message_kind", "direction"},
        ),
        (
            "social/airline_tweets.csv",
            "messages",
            {"message_id": "tweet_id", "sent_at": "tweet_created", "text": "text"},
            {"network", "message_kind", "direction"},
        ),
        (
            "crm/sparklesquad/clicks.csv",
            "clicks",
            {"channel": "Source", "clicked_at": "Created_On"},
            {"click_id"},
        ),
    ],
)
def test_infer_feed_of_real_exports_finds_entity_and_columns(
    tmp_path: Path, file: str, entity: str, expected: dict[str, str], needed: set[str]
) -> None:
    draft = infer_feed(shared_data(file), "draft")
    mapping = yaml.safe_load(draft)["entities"][0]
    assert mapping["entity"] == entity
    assert expected.items() <= mapping["columns"].items()
    lines = [line.split(":")[1].strip() for line in draft.splitlines() if "# needed: " in line]
    assert set(lines) == needed
    with pytest.raises(RorError, match="needs a mapping"):
        load_feed(write(tmp_path / "draft.yml", draft))


def test_infer_feed_of_a_file_without_headers_numbers_its_columns() -> None:
    draft = yaml.safe_load(infer_feed(shared_data("orders/CDNOW_sample.txt")))
    assert (draft["format"], draft["headers"]) == (
        "whitespace",
        [f"column_{i}" for i in range(1, 6)],
    )
    assert (draft["feed"], draft["date_formats"]) == ("cdnow_sample", ["%Y%m%d"])


def test_infer_feed_of_cyrillic_bytes_guesses_the_encoding_and_says_so(tmp_path: Path) -> None:
    text = "company_id,name\n1,Рога и копыта\n2,Вектор\n"
    draft = infer_feed(write(tmp_path / "firms.csv", text.encode("cp1251")))
    assert "encoding: cp1251  # guessed" in draft
    assert yaml.safe_load(draft)["entities"][0]["columns"] == {
        "company_id": "company_id",
        "name": "name",
    }


def test_infer_feed_when_day_and_month_are_ambiguous_says_so(tmp_path: Path) -> None:
    draft = infer_feed(write(tmp_path / "a.csv", "order_id,date\n1,03/04/2024\n2,05/06/2024\n"))
    assert "other way round" in draft


@pytest.mark.parametrize("kind", ["jsonl", "parquet"])
def test_infer_feed_of_typed_files_names_their_format(tmp_path: Path, kind: str) -> None:
    record = {"contact_id": "1", "email": "a@b.c", "created_at": "2024-01-01T00:00:00Z"}
    path = tmp_path / f"people.{kind}"
    if kind == "jsonl":
        write(path, json.dumps(record) + "\n")
    else:
        pq.write_table(pa.Table.from_pylist([record]), path)
    draft = yaml.safe_load(infer_feed(path))
    assert draft["format"] == kind
    assert draft["entities"][0]["entity"] == "contacts"
    assert draft["entities"][0]["columns"]["emails"] == "email"
