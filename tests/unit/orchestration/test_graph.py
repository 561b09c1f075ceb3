from datetime import UTC, date, datetime
from types import SimpleNamespace

import pytest
from dagster import AssetKey

from pipelines.errors import ExitCode, RorError
from pipelines.orchestration.jobs import NIGHTLY, partition_key
from pipelines.settings import load_settings


@pytest.fixture(scope="module")
def definitions(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        home = tmp_path_factory.mktemp("home")
        patch.setenv("ROR_HOME", str(home))
        patch.setenv("ROR_TIME_ZONE", "Europe/Rome")
        from pipelines.orchestration.definitions import build_definitions

        yield build_definitions(load_settings())


def test_graph_when_built_then_asset_keys_are_what_one_types_in_sql(definitions):
    keys = definitions.resolve_asset_graph().get_all_asset_keys()
    wanted = {
        ("raw_files", "messages"), ("staging", "stg_files__messages"), ("marts", "responses"),
        ("reference", "brands"), ("ops", "reconciliation"), ("published", "warehouse"),
    }  # fmt: skip
    assert wanted <= {tuple(key.path) for key in keys}


def test_graph_when_followed_then_publication_depends_on_every_mart_and_marts_on_raw(definitions):
    graph = definitions.resolve_asset_graph()
    marts = {key for key in graph.get_all_asset_keys() if key.path[0] == "marts"}
    assert marts <= graph.get(AssetKey(["published", "warehouse"])).parent_keys
    ancestors = graph.get_ancestor_asset_keys(AssetKey(["marts", "responses"]))
    assert AssetKey(["raw_files", "messages"]) in ancestors


def test_graph_when_followed_then_texts_are_scored_between_loading_and_the_models(definitions):
    graph = definitions.resolve_asset_graph()
    scores = AssetKey(["scoring", "message_scores"])
    assert graph.get(scores).parent_keys == {AssetKey(["raw_files", "messages"])}
    assert scores in graph.get(AssetKey(["marts", "message_sentiments"])).parent_keys
    names = {key.name for key in graph.asset_check_keys}
    assert "negative_spike" in names


def test_graph_when_checked_then_dbt_tests_and_quality_checks_are_asset_checks(definitions):
    names = {check.name for check in definitions.resolve_asset_graph().asset_check_keys}
    assert any(name.startswith("unique_responses") for name in names)
    assert "marts__responses__row_count_against_previous_run" in names


def test_schedule_when_built_then_it_ticks_in_the_brands_zone_for_the_day_that_ended(definitions):
    schedule = definitions.resolve_schedule_def(NIGHTLY)
    assert schedule.execution_timezone == "Europe/Rome"
    assert schedule.job_name == NIGHTLY


@pytest.mark.parametrize(
    ("as_of", "key"),
    [
        (datetime(2026, 6, 28, 22, 0, tzinfo=UTC), "2026-06-28"),  # midnight of the 29th in Rome
        (datetime(2026, 6, 28, 21, 59, tzinfo=UTC), "2026-06-28"),
        (datetime(2026, 6, 27, 22, 0, tzinfo=UTC), "2026-06-27"),
    ],
)
def test_partition_when_night_reports_up_to_an_instant_then_it_is_the_last_whole_date(as_of, key):
    assert partition_key(as_of, "Europe/Rome") == key


def test_gate_when_a_check_blocked_then_nothing_is_published(run_with_results):
    from pipelines.orchestration.assets import refuse_if_blocked

    refuse_if_blocked(run_with_results("warn"))
    with pytest.raises(RorError) as refused:
        refuse_if_blocked(run_with_results("block"))
    assert refused.value.code is ExitCode.BLOCKED


@pytest.fixture
def run_with_results(tmp_path):
    from pipelines.clock import SystemClock
    from pipelines.context import RunContext
    from pipelines.ledger import Ledger

    def make(outcome):
        settings = load_settings(home=tmp_path / outcome)
        ledger = Ledger(settings.ledger_file)
        row = dict.fromkeys(
            ("suite", "table_schema", "table_name", "column_name", "expectation", "severity",
             "limit_text", "because", "evaluated_at"), "x",
        )  # fmt: skip
        ledger.record_quality("r1", [row | {"check_id": "c", "outcome": outcome, "observed": 1.0}])
        now = datetime(2026, 1, 1, tzinfo=UTC)
        return RunContext("r1", now, now, settings, SystemClock(), ledger)

    return make


def test_nights_again_when_partitions_are_of_the_past_then_they_and_the_asked_ones_only(tmp_path):
    from pipelines.orchestration.assets import nights_again

    settings = load_settings(home=tmp_path, time_zone="Europe/Rome")
    run = SimpleNamespace(settings=settings, as_of=datetime(2026, 6, 28, 22, 0, tzinfo=UTC))
    partitions = ["2026-06-27", "2026-06-28"]  # the second one is tonight's own
    found = nights_again(["2026-01-05"], partitions, run)
    assert found == {date(2026, 1, 5), date(2026, 6, 27)}
