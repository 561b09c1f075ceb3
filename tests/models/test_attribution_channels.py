"""Months of whole channels: paths, chains and credit, worked out by hand."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import duckdb
import pytest

from pipelines.analytics.attribution import solve_attribution
from pipelines.errors import ExitCode, RorError
from pipelines.query import explain_channel, explain_conversion
from pipelines.settings import Settings, load_settings
from tests.support.money import build_solved, click, order, rows
from tests.support.raw import RawWarehouse

pytestmark = pytest.mark.slow

NOON = "12:00:00+00"
CLICKS = [
    click("1", "a", f"2026-01-01 {NOON}", "p1"),
    click("2", "x > y", f"2026-01-02 {NOON}", "p1"),
    click("3", "a", f"2026-01-03 {NOON}", "p2"),  # never converts
    click("4", "x > y", f"2026-01-03 {NOON}", "p3"),
    click("5", "Ещё", f"2026-01-04 {NOON}", "p5"),  # never converts
    click("6", "Ещё", f"2026-02-20 {NOON}", "p3"),  # falls silent after a conversion
    click("7", "a", f"2026-03-20 {NOON}", "p6"),  # open: may still convert
    click("8", "a", f"2026-01-05 {NOON}", "p7"),
    click("9", "x > y", f"2026-02-15 {NOON}", "p7"),  # 41 days later: a run of its own
    click("10", "a", f"2026-01-06 {NOON}", "p8"),  # its order is paid back in full
]
ORDERS = [
    order("o1", f"2026-01-10 {NOON}", 10000, contact_id="p1"),
    order("o3", f"2026-01-10 {NOON}", 5000, contact_id="p3"),
    order("o4", f"2026-01-11 {NOON}", 2000, contact_id="p4"),
    order("o8", f"2026-01-12 {NOON}", 700, contact_id="p8"),
]


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> RawWarehouse:
    made = RawWarehouse(tmp_path_factory.mktemp("channels"), as_of="2026-04-01 00:00:00+00")
    made.land("clicks", CLICKS)
    made.land("orders", ORDERS)
    made.land(
        "refunds",
        [
            {
                "refund_id": "r", "order_id": "o8", "refunded_at": f"2026-01-20 {NOON}",
                "amount_minor": 700, "currency": "EUR",
            }
        ],
    )  # fmt: skip
    cost = {"kind": "ad", "cost_date": "2026-01-05", "currency": "EUR"}
    made.land(
        "costs",
        [
            cost | {"cost_id": "1", "amount_minor": 2500, "channel": "a"},
            cost | {"cost_id": "2", "amount_minor": 900, "channel": "posters"},
        ],
    )
    return made


@pytest.fixture(scope="module")
def tables(raw: RawWarehouse) -> Iterator[duckdb.DuckDBPyConnection]:
    with build_solved(raw, solve_attribution, "+marts.attribution") as built:
        yield built


def test_paths_when_counted_then_open_runs_and_reversed_orders_are_left_out(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select strftime(period_start_date, '%m'), path_labels, conversion_count, null_count,"
        " value_minor from marts.attribution_paths order by all",
    )
    assert found == [
        ("01", [], 1, 0, 2000),
        ("01", ["a"], 0, 3, 0),  # p2, the first run of p7, and p8, whose order did not happen
        ("01", ["a", "x > y"], 1, 0, 10000),
        ("01", ["x > y"], 1, 0, 5000),
        ("01", ["Ещё"], 0, 1, 0),
        ("02", ["x > y"], 0, 1, 0),
        ("02", ["Ещё"], 0, 1, 0),
    ]


def test_markov_when_solved_then_removal_effects_are_those_by_hand(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    # 6 journeys: start-a 4, start-xy 1, start-other 1; a-xy 1 of 4; xy always converts.
    # P = 2/6. Without a: 1/6, effect 1/2. Without xy: 0, effect 1. Value alike: 75.00 a visit.
    found = rows(
        tables,
        "select channel_id, removal_effect, removal_effect_value, conversion_count, credit_minor"
        " from marts.attribution_channels"
        " where model_id = 'markov_1' and period_start_date = date '2026-01-01'"
        " order by channel_id",
    )
    assert [row[:1] + row[4:] for row in found] == [
        ("(none)", 2000), ("a", 5000), ("posters", 0), ("x > y", 10000), ("Ещё", 0),
    ]  # fmt: skip
    numbers = {row[0]: row[1:4] for row in found}
    assert numbers["a"] == pytest.approx((0.5, 0.5, 2 / 3), abs=1e-12)
    assert numbers["x > y"] == pytest.approx((1, 1, 4 / 3), abs=1e-12)
    assert numbers["Ещё"] == pytest.approx((0, 0, 0), abs=1e-12)


def test_runs_when_solved_then_they_say_on_what_they_rest(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select model_id, path_count, conversion_probability, state_count, refusal"
        " from marts.attribution_runs where period_start_date = date '2026-01-01' order by 1",
    )
    assert found == [
        ("markov_1", 6, pytest.approx(1 / 3), 3, None),
        ("shapley_rate", 6, pytest.approx(1 / 3), None, None),
    ]
    refused = rows(
        tables,
        "select model_id, refusal from marts.attribution_runs"
        " where period_start_date = date '2026-02-01' order by 1",
    )
    why = "no conversion on any path"
    assert refused == [("markov_1", why), ("shapley_rate", why)]


def test_transitions_when_read_then_they_leave_each_state_completely(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select from_state, to_state, transition_count, probability"
        " from marts.attribution_transitions where period_start_date = date '2026-01-01'"
        " order by all",
    )
    assert found == [
        (["(start)"], ["a"], 4, pytest.approx(4 / 6)),
        (["(start)"], ["x > y"], 1, pytest.approx(1 / 6)),
        (["(start)"], ["Ещё"], 1, pytest.approx(1 / 6)),
        (["a"], ["(null)"], 3, 0.75),
        (["a"], ["x > y"], 1, 0.25),
        (["x > y"], ["(conversion)"], 2, 1.0),
        (["Ещё"], ["(null)"], 1, 1.0),
    ]


def test_spend_when_nothing_was_earned_then_its_row_stays_with_a_return_of_zero(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select channel_id, spend_minor, return_on_spend, cost_per_conversion_minor"
        " from marts.attribution_channels where model_id = 'linear' and spend_minor is not null"
        " order by 1",
    )
    assert found == [("a", 2500, 2.0, 5000.0), ("posters", 900, 0.0, None)]


def test_reconciliation_when_channels_are_solved_then_they_tie_out_too(
    tables: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        tables,
        "select strftime(period_start_date, '%m'), ledger_minor, credited_minor, none_minor"
        " from marts.attribution_reconciliation where model_id = 'markov_1' order by 1",
    )
    assert found == [("01", 17000, 17000, 2000)]  # nothing was booked in February


@pytest.fixture(scope="module")
def served(raw: RawWarehouse, tables: duckdb.DuckDBPyConnection) -> Settings:
    """A home that serves a copy of the build file."""
    settings = load_settings(home=raw.home)
    settings.served_file.parent.mkdir(parents=True)
    shutil.copyfile(raw.path, settings.served_file)
    return settings


def test_explain_when_a_conversion_then_every_model_says_what_and_why(served: Settings) -> None:
    lines = explain_conversion(served, "o1")
    assert lines[0] == "order o1, 2026-01-10 12:00 UTC: 100.00 EUR (100.00 less 0.00 paid back)"
    assert lines[4].split() == [
        "#1",
        "2026-01-01",
        "12:00:00",
        "9",
        "d",
        "0",
        "h",
        "a",
        "web_visit",
    ]
    by_model = {line.split()[0]: line for line in lines if line}
    assert "#1 50.00  #2 50.00" in by_model["linear"]
    assert by_model["linear"].endswith("every touch has the same")
    assert "#2 100.00" in by_model["last_touch"]
    assert "first 0.4, last 0.4, middle 0.2" in by_model["position_u"]
    # 2^(-1/7) : 1, one day apart
    assert "#1 47.53  #2 52.47" in by_model["time_decay"]
    assert "(none) 100.00" in by_model["last_touch_7d"]  # touches 8 and 9 days before


def test_explain_when_no_touch_then_it_says_why_and_where_the_value_is(served: Settings) -> None:
    lines = explain_conversion(served, "o4")
    why = "no touch in the window of the default model: the person was never touched before"
    assert lines[2] == why
    assert all("(none) 20.00" in line for line in lines[5:])


def test_explain_when_a_channel_then_every_model_and_the_band_are_there(served: Settings) -> None:
    lines = explain_channel(served, "a", "2026-01")
    assert lines[:2] == ["channel a, 2026-01", "spend 25.00 EUR"]
    assert lines[2].startswith("share of the month's value: 0.0% (")
    by_model = {line.split()[0]: line for line in lines if line}
    assert by_model["linear"].split()[5:11] == ["50.00", "29.4%", "0.50", "0.00", "to", "148.00"]
    assert "50.0%         in proportion" in by_model["markov_1"]


def test_explain_when_the_subject_is_unknown_then_it_says_what_to_do(served: Settings) -> None:
    for call in (
        lambda: explain_conversion(served, "nothing"),
        lambda: explain_channel(served, "a", "2020-01"),
        lambda: explain_channel(served, "a", "January"),
    ):
        with pytest.raises(RorError) as raised:
            call()
        assert raised.value.code == ExitCode.USAGE


def test_solve_when_nothing_changed_then_nothing_is_solved_again(
    raw: RawWarehouse, tables: duckdb.DuckDBPyConnection
) -> None:
    tables.close()
    with duckdb.connect(str(raw.path)) as connection:
        before = connection.sql("from solved.attribution_effects order by all").fetchall()
        assert solve_attribution(connection) == 0
        assert connection.sql("from solved.attribution_effects order by all").fetchall() == before
        connection.execute(
            "update intermediate.int_attribution_journeys set conversion_count = 2"
            " where conversion_count = 1 and period_start_date = date '2026-01-01'"
        )
        assert (
            solve_attribution(connection) == 2
        )  # the month under both models; February is as it was
