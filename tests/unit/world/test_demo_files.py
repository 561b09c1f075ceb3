"""The product's own reader must find in the demo's files exactly what the generator put there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from pipelines.files.feeds import load_feed
from pipelines.files.read import FileBatch, read_file
from pipelines.settings import Settings
from pipelines.world.export import WorldSummary, write_world
from pipelines.world.parameters import WorldParameters
from pipelines.world.world import World


def batches(home: Path, feed_name: str, name: str) -> Iterator[FileBatch]:
    feed = load_feed(home / "feeds" / f"{feed_name}.yml")
    settings = Settings(home=home, as_of=WorldParameters().as_of)
    return read_file(feed, home / "drop" / feed_name / name, name, settings)


@pytest.fixture(scope="module")
def parts(written: WorldSummary) -> dict[str, list[FileBatch]]:
    """The batches of each file, by `feed/name`."""
    return {key: list(batches(written.home, *key.split("/"))) for key in written.expected["files"]}


@pytest.fixture(scope="module")
def read(parts: dict[str, list[FileBatch]]) -> dict[str, pa.Table]:
    """All accepted rows of all files by entity."""
    found: dict[str, list[pa.Table]] = defaultdict(list)
    for batch in (batch for file in parts.values() for batch in file):
        for entity, table in batch.entities.items():
            found[entity].append(table)
    return {entity: pa.concat_tables(tables) for entity, tables in found.items()}


def test_demo_files_when_read_then_each_has_the_planted_records_rows_and_rejects(
    written: WorldSummary, parts: dict[str, list[FileBatch]]
) -> None:
    for key, truth in written.expected["files"].items():
        assert sum(b.rows_read for b in parts[key]) == truth["records"], key
        assert sum(b.rejected_records for b in parts[key]) == truth["rejected"], key
        assert sum(b.rejects.num_rows for b in parts[key]) == truth["rejected"], key
        accepted = sum(t.num_rows for b in parts[key] for t in b.entities.values())
        assert accepted == truth["rows"], key


@pytest.mark.parametrize(
    "parameters",
    [
        WorldParameters(people=1, weeks=1),
        WorldParameters(people=40, weeks=4, seed=3),
        WorldParameters(people=120, weeks=8, seed=11, end_date=date(2025, 11, 2)),
    ],
    ids=["one person", "few people", "the clock goes back"],
)
def test_other_worlds_when_read_then_each_file_has_the_planted_records_and_rejects(
    parameters: WorldParameters, tmp_path: Path
) -> None:
    summary = write_world(parameters, tmp_path)

    for key, truth in summary.expected["files"].items():
        feed, name = key.split("/")
        parts = list(batches(tmp_path, feed, name))
        assert sum(b.rows_read for b in parts) == truth["records"], key
        assert sum(b.rejected_records for b in parts) == truth["rejected"], key


def test_demo_files_when_read_then_every_kind_of_mistake_is_refused_for_its_reason(
    written: WorldSummary, parts: dict[str, list[FileBatch]]
) -> None:
    reasons: Counter[tuple[str, str, str | None]] = Counter()
    for batch in (batch for file in parts.values() for batch in file):
        for row in batch.rejects.to_pylist():
            reasons[row["entity"], row["reason"], row["field"]] += 1

    assert reasons == {
        ("orders", "bad_type", "gross_minor"): 1,
        ("orders", "bad_type", "ordered_at"): 1,
        ("orders", "not_allowed", "status"): 1,
        ("orders", "ragged_row", None): 1,
        ("contacts", "missing_key", "contact_id"): 1,
        ("clicks", "bad_type", "clicked_at"): 1,
        ("clicks", "missing_key", "click_id"): 1,
        ("costs", "out_of_range", "amount_minor"): 1,
        ("costs", "not_allowed", "kind"): 1,
        # in the files of three networks
        ("messages", "missing_key", "sent_at"): 3,
        ("messages", "not_allowed", "direction"): 3,
        ("messages", "missing_key", "message_id"): 3,
    }
    assert sum(reasons.values()) == written.rejected


def test_orders_when_read_then_every_value_is_the_worlds(
    read: dict[str, pa.Table], world: World
) -> None:
    columns = [
        "order_id", "contact_id", "email", "ordered_at", "status", "gross_minor", "tax_minor",
        "shipping_minor", "discount_minor", "currency", "coupon_code", "item_count",
    ]  # fmt: skip
    got = {row["order_id"]: row for row in read["orders"].select(columns).to_pylist()}

    assert len(got) == len(world.orders)
    for order in world.orders:
        row = got[order.order_id]
        for column in columns:
            assert row[column] == (getattr(order, column) or (0 if "minor" in column else None))


def test_messages_when_read_then_times_texts_and_directions_are_the_worlds(
    read: dict[str, pa.Table], world: World
) -> None:
    got = {
        (row["network"], row["message_id"]): row
        for row in read["messages"].to_pylist()
        if not row["text"].endswith("(edit)")
    }

    assert len(got) == len(world.said.messages)
    for message in world.said.messages:
        row = got[message.account.network, message.message_id]
        assert row["sent_at"] == message.sent_at
        assert row["text"] == message.text
        assert row["direction"] == message.direction
        assert row["is_public"] is (message.kind != "dm")
        assert row["is_automated"] is message.is_automated
        assert row["parent_message_id"] == (message.parent_id or None)


def test_other_files_when_read_then_instants_amounts_and_lists_are_the_worlds(
    read: dict[str, pa.Table], world: World
) -> None:
    clicks = {row["click_id"]: row for row in read["clicks"].to_pylist()}
    contacts = {row["contact_id"]: row for row in read["contacts"].to_pylist()}
    posts = {row["post_id"]: row for row in read["posts"].to_pylist()}

    for click in world.clicks:
        assert clicks[click.click_id]["clicked_at"] == click.clicked_at
        assert clicks[click.click_id]["is_direct"] is (click.channel == "direct")
    assert all(posts[p.post_id]["published_at"] == p.published_at for p in world.posts)
    assert all(posts[p.post_id]["text"] == p.text for p in world.posts)
    for person in world.population.people:
        for contact in person.contacts:
            row = contacts[contact.contact_id]
            assert row["given_name"] == person.given_name
            assert row["created_at"] == contact.created_at
            assert row["social_profiles"] == (";".join(contact.social_profiles) or None)
    assert sum(read["costs"]["amount_minor"].to_pylist()) == sum(
        c.amount_minor for c in world.costs
    )
    assert sum(read["refunds"]["amount_minor"].to_pylist()) == sum(
        r.amount_minor for r in world.refunds
    )
    names = {c.name for c in world.population.companies}
    assert set(read["companies"]["name"].to_pylist()) == names


def test_post_metrics_when_a_network_does_not_report_a_figure_then_it_is_empty_not_zero(
    read: dict[str, pa.Table],
) -> None:
    hidden = [
        row["value"]
        for row in read["post_metrics"].to_pylist()
        if row["network"] == "x" and row["metric"] == "reach"
    ]

    assert hidden
    assert set(hidden) == {None}


def test_deals_when_snapshots_are_compared_then_wins_and_reversals_are_the_planted_ones(
    written: WorldSummary, read: dict[str, pa.Table]
) -> None:
    history: dict[str, dict[object, dict[str, object]]] = defaultdict(dict)
    for row in read["deals"].to_pylist():
        history[row["deal_id"]][row["updated_at"]] = row
    won = lost = won_minor = lost_minor = 0
    for states in history.values():
        before: dict[str, object] | None = None
        for _, row in sorted(states.items(), key=lambda item: str(item[0])):
            if row["stage_category"] == "won" and (before or {}).get("stage_category") != "won":
                won += 1
                won_minor += int(str(row["amount_minor"]))
            if before and before["stage_category"] == "won" and row["stage_category"] != "won":
                lost += 1
                lost_minor += int(str(before["amount_minor"]))
            before = row

    revenue = written.expected["revenue"]
    assert revenue["deal_won"] == {"count": won, "amount_minor": won_minor}
    assert revenue["deal_reversal"] == {"count": lost, "amount_minor": -lost_minor}
    assert won >= 30
    assert lost >= 3
