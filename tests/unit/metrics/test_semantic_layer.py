"""Metrics computed by MetricFlow's SQL on planted rows; all tests here share one parse of dbt."""

from __future__ import annotations

import csv
import itertools
import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.cli import ror
from pipelines.errors import RorError
from pipelines.metrics import catalogue
from pipelines.metrics.compiler import Question, compiler
from pipelines.metrics.definitions import GRANULARITIES, manifest_of
from pipelines.metrics.views import question_of, view_statements
from pipelines.metrics.words import asked
from pipelines.publish import metric_views
from pipelines.settings import METRIC_VIEWS, ROOT, Settings
from tests.support.semantic import Layer, empty_marts, plant, semantic_layer

ADDITIVITIES = {"additive", "semi-additive", "non-additive"}
# The numbers of the page on metrics that people ask for, and where each is: a metric or a column.
NUMBERS = {
    "engagement rate by impressions": "engagement_rate_by_impressions",
    "engagement rate by reach": "engagement_rate_by_reach",
    "engagement rate by followers at publish time": "engagement_rate_by_followers",
    "amplification": "amplification_rate",
    "conversation": "conversation_rate",
    "applause": "applause_rate",
    "active people": "active_people_28d",
    "followers": "follower_count",
    "net growth": "net_follower_count",
    "follower churn": "follower_loss_rate",
    "fan-to-customer rate": "fan_to_customer_rate",
    "organic share": "organic_share",
    "broadcast ratio": "broadcast_ratio",
    "monologue share": "monologue_share",
    "conversation depth": "conversation_depth",
    "response rate": "response_rate",
    "response rate in business time": "response_rate_business_hours",
    "response time, Kaplan-Meier median": "response_time_median_seconds",
    "response time, Kaplan-Meier p90": "response_time_p90_seconds",
    "answered-only mean": "answered_mean_minutes",
    "answered-only median": "answered_median_minutes",
    "consistency": "active_date_count",
    "longest silence": "longest_silence_hours",
    "participation share": "participation_share",
    "community density": "community_density",
    "peer answer rate": "peer_answer_rate",
    "name recognition rate": "name_recognition_rate",
    "name-knowable rate": "name_knowable_rate",
    "bio-notice rate": "bio_notice_rate",
    "human share": "human_share",
    "cost per meaningful reply": "cost_per_reply_minor",
    "staff breadth": "staff_count",
    "referral rate": "referral_rate",
    "referral conversion": "referral_conversion_rate",
    "K-factor": "k_factor",
    "CSAT": "csat",
    "NPS": "net_promoter_score",
    "NPS standard error": "nps_standard_error",
    "close-the-loop rate": "close_the_loop_rate",
    "follow-up within 48 h": "follow_up_rate_48h",
    "exhibition-to-relationship rate": "exhibition_to_relationship_rate",
    "net sentiment": "net_sentiment",
    "coverage of sentiment": "sentiment_coverage_rate",
    "service recovery rate": "service_recovery_rate",
    "repeat rate": "repeat_rate_90d",
    "retention": "cohort_retention_rate",
    "attributed credit": "attributed_credit_minor",
    "removal effect": "removal_effect",
    "ROR score": "ror_score",
    "ROR ratio": "ror_ratio",
    "ROI": "roi",
}
MISSING = {
    "content-to-repeat lift", "reciprocity within person", "give/ask balance", "template index",
    "approval delay", "capacity gap", "advocates", "share of voice", "survey response rate",
    "sentiment volatility", "truthfulness",
}  # fmt: skip


@pytest.fixture(scope="module")
def layer() -> Layer:
    return semantic_layer()


@pytest.fixture(scope="module")
def compiled(layer: Layer) -> Callable[[Question], str]:
    return compiler(layer.manifest)


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("set TimeZone = 'America/Los_Angeles'")  # readers sit anywhere
        yield connection


def test_metric_when_its_example_is_computed_then_it_equals_the_value_by_hand(
    layer: Layer, compiled: Callable[[Question], str], con: duckdb.DuckDBPyConnection
) -> None:
    found, wanted = {}, {}
    for metric in layer.metrics.values():
        empty_marts(con, layer, [model.table for model in metric.models])
        for row in metric.example["given"]:
            table = row.get("mart", metric.models[0].table)
            values = {name: value for name, value in row.items() if name != "mart"}
            plant(con, layer, table, [values])
        at = metric.example.get("at")
        days = ("metric_time__day",) if at else ()
        rows = con.execute(compiled(Question((metric.name,), days))).fetchall()
        kept = [row[-1] for row in rows if not at or str(row[0])[:10] == str(at)]
        found[metric.name] = [None if value is None else round(float(value), 9) for value in kept]
        wanted[metric.name] = [float(metric.example["value"])]
    assert found == wanted


def test_metric_when_marts_are_empty_then_no_rate_has_a_value(
    layer: Layer, compiled: Callable[[Question], str], con: duckdb.DuckDBPyConnection
) -> None:
    empty_marts(con, layer, layer.tables())
    rates = [name for name, metric in layer.metrics.items() if metric.kind in ("ratio", "derived")]
    values = {name: con.execute(compiled(Question((name,)))).fetchall() for name in rates}
    assert {name: rows for name, rows in values.items() if rows not in ([], [(None,)])} == {}


def test_views_when_marts_are_filled_then_each_equals_the_query_of_metricflow(
    layer: Layer, compiled: Callable[[Question], str], con: duckdb.DuckDBPyConnection
) -> None:
    empty_marts(con, layer, layer.tables())
    for table in layer.tables():
        _fill(con, layer, table)
    con.execute("create schema metrics")
    for statement in metric_views(METRIC_VIEWS):
        con.execute(statement)
    composed = [metric for metric in layer.metrics.values() if metric.kind != "simple"]
    for metric in composed:
        question = Question((metric.name,), question_of(metric).group_by)
        keys = ", ".join(f'"{name}"' for name in (metric.grain[-1], *metric.grain[:-1]))
        view = con.execute(f'select {keys}, "{metric.name}" from metrics."{metric.name}"')
        in_view = _comparable(view.fetchall())
        assert in_view == _comparable(con.execute(compiled(question)).fetchall()), metric.name
        assert len(in_view) > 1, metric.name


def test_views_when_generated_again_then_the_stored_file_is_current(
    layer: Layer, compiled: Callable[[Question], str]
) -> None:
    names = ["response_rate", "follower_loss_rate", "engagement_count_28d", "net_promoter_score"]
    some = {name: layer.metrics[name] for name in names}
    stored = METRIC_VIEWS.read_text(encoding="utf-8").splitlines()
    assert set(view_statements(some, compiled).splitlines()) <= set(stored)
    created = {
        found[1] for line in stored if (found := re.match(r'create view "metrics"."(\w+)"', line))
    }
    assert created == set(layer.metrics)


def test_running_metric_when_a_range_is_given_then_its_window_looks_back_beyond_it(
    layer: Layer, compiled: Callable[[Question], str], con: duckdb.DuckDBPyConnection
) -> None:
    empty_marts(con, layer, ["engagement_daily"])
    plant(con, layer, "engagement_daily", [
        {"engagement_date": "2026-01-05", "engagement_count": 5},
        {"engagement_date": "2026-01-31", "engagement_count": 7},
    ])  # fmt: skip
    question = asked(
        layer.metrics, ["engagement_count_28d"], ["day"],
        since=date(2026, 2, 1), until=date(2026, 2, 3),
    ).question  # fmt: skip
    rows = con.execute(f"select * from ({compiled(question)}) order by 1").fetchall()
    assert [(str(day)[:10], value) for day, value in rows] == [
        ("2026-02-01", 12),
        ("2026-02-02", 7),
    ]


def test_stock_when_a_range_ends_before_the_last_reading_then_it_is_that_of_its_end(
    layer: Layer, compiled: Callable[[Question], str], con: duckdb.DuckDBPyConnection
) -> None:
    empty_marts(con, layer, ["audience_daily"])
    plant(con, layer, "audience_daily", [
        {"account_id": account, "audience_date": day, "follower_count": count, "is_reported": True}
        for account, day, count in [
            ("a", "2026-01-05", 10), ("a", "2026-01-09", 12), ("a", "2026-01-20", 99),
            ("b", "2026-01-06", 3),
        ]
    ])  # fmt: skip
    question = asked(layer.metrics, ["follower_count"], until=date(2026, 1, 20)).question
    assert con.execute(compiled(question)).fetchall() == [(15,)]


COUNTS = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: (min(pair), max(pair)))


@given(parts=st.lists(COUNTS, min_size=1, max_size=4))
@settings(max_examples=15, deadline=None)
def test_rate_when_asked_over_networks_then_it_is_pooled_and_no_mean_of_rates(
    parts: list[tuple[int, int]],
) -> None:
    layer = semantic_layer()
    sql = _compiled_once(Question(("broadcast_ratio",)))
    with duckdb.connect(config={"threads": 1}) as con:
        empty_marts(con, layer, ["presence_weekly"])
        plant(con, layer, "presence_weekly", [
            {"network": f"network {place}", "brand_post_count": above, "brand_output_count": below}
            for place, (above, below) in enumerate(parts)
        ])  # fmt: skip
        ((rate,),) = con.execute(sql).fetchall()
    above, below = (sum(column) for column in zip(*parts, strict=True))
    assert rate == (pytest.approx(above / below) if below else None)


_COMPILED: dict[Question, str] = {}


def _compiled_once(question: Question) -> str:
    if question not in _COMPILED:
        _COMPILED[question] = compiler(semantic_layer().manifest)(question)
    return _COMPILED[question]


def test_metrics_when_listed_then_each_says_what_it_is(layer: Layer) -> None:
    for metric in layer.metrics.values():
        assert metric.additivity in ADDITIVITIES, metric.name
        assert metric.owner, metric.name
        assert len(metric.definition.split()) >= 3, metric.name
        assert metric.example["given"], metric.name
        assert metric.granularity in GRANULARITIES
        if metric.kind == "ratio":
            assert len(metric.parts) == 2
            assert metric.additivity == "non-additive", metric.name


def test_numbers_when_looked_up_then_each_is_defined_or_named_as_missing(layer: Layer) -> None:
    entries = {entry.name for entry in catalogue.entries(layer.metrics, layer.dbt["nodes"])}
    assert {number: name for number, name in NUMBERS.items() if name not in entries} == {}
    assert set(catalogue.missing()) == MISSING


def test_catalogue_when_stored_then_it_is_the_generated_one_and_names_are_unique(
    layer: Layer,
) -> None:
    entries = catalogue.entries(layer.metrics, layer.dbt["nodes"])
    text = (ROOT / "dbt_project" / "seeds" / "metric_catalog.csv").read_text(encoding="utf-8")
    assert text == catalogue.csv_text(entries)
    names = [row["name"] for row in csv.DictReader(text.splitlines())]
    assert len(names) == len(set(names))


def test_column_when_catalogued_then_a_test_computes_it(layer: Layer) -> None:
    for name, (mart, column, computed_by) in catalogue.computed_by().items():
        assert column in layer.columns(mart), name
        if computed_by.startswith("tests/"):
            assert column in (ROOT / Path(computed_by)).read_text(encoding="utf-8"), name
            continue
        test = layer.dbt["unit_tests"][f"unit_test.ror.{mart}.{computed_by}"]
        values = [row.get(column) for row in test["expect"]["rows"]]
        assert any(value is not None for value in values), name


def _fill(con: duckdb.DuckDBPyConnection, layer: Layer, table: str) -> None:
    """Rows with gaps everywhere, the same each time."""
    dice = random.Random(table)
    makers: dict[str, Callable[[], object]] = {
        "varchar": lambda: dice.choice(["a", "b", "organic", "nps", "recovered", None]),
        "date": lambda: date(2026, 1, 5) + timedelta(days=dice.randrange(40)),
        "boolean": lambda: dice.choice([True, True, False, None]),
        "bigint": lambda: dice.choice([0, 1, 2, 7, None]),
        "integer": lambda: dice.choice([30, 90, None]),
        "double": lambda: dice.choice([0.5, 2.0, None]),
    }
    columns = {name: kind for name, kind in layer.columns(table).items() if kind in makers}
    rows = [{name: makers[kind]() for name, kind in columns.items()} for _ in range(100)]
    plant(con, layer, table, rows)


def _comparable(rows: list[tuple[object, ...]]) -> list[tuple[str, ...]]:
    """Rows in an order, dates without a time, numbers to nine digits."""
    return sorted(tuple(map(_shown, row)) for row in rows)


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.9g}"
    return str(value).removesuffix(" 00:00:00")


def test_comparison_when_values_differ_then_it_sees_it() -> None:
    rows = [[(1, None)], [(1, 0.5)], [(1, 0.25)]]
    assert all(_comparable(a) != _comparable(b) for a, b in itertools.combinations(rows, 2))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, layer: Layer) -> Settings:
    """A home with a published file of two networks and the semantic manifest of a run."""
    made = Settings(home=tmp_path_factory.mktemp("served"), memory_limit_mb=512, threads=1)
    folder = made.published / "version"
    folder.mkdir(parents=True)
    (made.published / "current").symlink_to("version")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as con:
        empty_marts(con, layer, ["responses"])
        plant(con, layer, "responses", [
            {"network": network, "is_mature": True, "is_answered_24h": answered, "opened_date": day}
            for network, answered, day in [
                ("x", True, "2026-01-05"), ("x", False, "2026-01-11"), ("x", True, "2026-01-12"),
                ("bluesky", False, "2026-01-12"),
            ]
        ])  # fmt: skip
        catalog = ROOT / "dbt_project" / "seeds" / "metric_catalog.csv"
        con.execute(f"create table marts.metric_catalog as from read_csv('{catalog}')")
    manifest = manifest_of(made)
    manifest.parent.mkdir(parents=True)
    manifest.write_text(json.dumps(layer.manifest), encoding="utf-8")
    return made


def test_command_when_asked_by_network_and_week_then_it_prints_rates_of_the_published_file(
    served: Settings,
) -> None:
    done = CliRunner().invoke(
        ror,
        [
            "--home",
            str(served.root),
            "metric",
            "response_rate",
            "--by",
            "network,week",
            "-f",
            "csv",
        ],
    )
    assert done.output.splitlines() == [
        "network,week,response_rate",
        "bluesky,2026-01-12,0.0",
        "x,2026-01-05,0.5",
        "x,2026-01-12,1.0",
    ]


def test_command_when_narrowed_then_only_those_rows_count_and_until_is_excluded(
    served: Settings,
) -> None:
    narrowed = ["--where", "network <> 'bluesky'", "--since", "2026-01-06", "--until", "2026-01-12"]
    done = CliRunner().invoke(
        ror,
        ["--home", str(served.root), "metric", "mature_turn_count", "response_rate", *narrowed,
         "-f", "json"],
    )  # fmt: skip
    assert json.loads(done.output) == [{"mature_turn_count": 1, "response_rate": 0.0}]


def test_command_when_a_range_cuts_a_month_then_only_its_dates_count(served: Settings) -> None:
    done = CliRunner().invoke(
        ror,
        ["--home", str(served.root), "metric", "mature_turn_count", "--by", "month",
         "--since", "2026-01-11", "-f", "csv"],
    )  # fmt: skip
    assert done.output.splitlines() == ["month,mature_turn_count", "2026-01-01,3"]


def test_command_when_listed_then_every_metric_has_a_line(served: Settings, layer: Layer) -> None:
    done = CliRunner().invoke(ror, ["--home", str(served.root), "metric", "--list"])
    listed = [line.split()[0] for line in done.output.splitlines()]
    assert listed == sorted(layer.metrics)


def test_command_when_explained_then_it_prints_sql_that_ror_sql_would_run(served: Settings) -> None:
    done = CliRunner().invoke(
        ror, ["--home", str(served.root), "metric", "response_rate", "--explain"]
    )
    assert '"marts"."responses"' in done.output
    with duckdb.connect(str(served.served_file), read_only=True) as con:
        assert con.execute(done.output).fetchall() == [(0.5,)]


def test_command_when_asked_for_a_column_then_the_line_says_where_it_is(served: Settings) -> None:
    done = CliRunner().invoke(ror, ["--home", str(served.root), "metric", "roi", "--by", "month"])
    assert isinstance(done.exception, RorError)
    assert done.exception.line() == (
        "metric: NAME: roi is no sum or ratio but a column of marts.roi_summary_monthly;"
        ' next: ror sql "select roi from marts.roi_summary_monthly"'
    )


def test_command_when_no_run_was_there_then_one_line_says_so(tmp_path: Path) -> None:
    done = CliRunner().invoke(ror, ["--home", str(tmp_path), "metric", "response_rate"])
    assert isinstance(done.exception, RorError)
    assert done.exception.line().endswith("no run has written the metrics yet; next: ror run")
