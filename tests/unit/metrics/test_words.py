from __future__ import annotations

import builtins
from collections.abc import Sequence
from datetime import date
from typing import Any

import pytest

from pipelines.errors import ExitCode, RorError
from pipelines.metrics.compiler import compiler
from pipelines.metrics.definitions import Metric, SemanticModel, common_dimensions
from pipelines.metrics.words import asked

DAYS = SemanticModel(
    "response", "marts", "responses", ("brand_id", "network"), {"outcome": "response__outcome"},
    "opened_date", "day",
)  # fmt: skip
WEEKS = SemanticModel(
    "presence", "marts", "presence_weekly", ("network",), {}, "week_start_date", "week"
)


def metric(name: str, *models: SemanticModel, kind: str = "simple") -> Metric:
    return Metric(
        name=name, label=name, definition=name, kind=kind, parts=(), models=models, grain=("day",),
        additivity="additive", owner="us", example={},
    )  # fmt: skip


METRICS = {
    "response_rate": metric("response_rate", DAYS),
    "response_count": metric("response_count", DAYS),
    "broadcast_ratio": metric("broadcast_ratio", WEEKS),
    "cost_per_reply": metric("cost_per_reply", DAYS, WEEKS),
    "count_28d": metric("count_28d", DAYS, kind="cumulative"),
}


def refused(**words: Any) -> str:
    words.setdefault("names", ["response_rate"])
    names: Sequence[str] = words.pop("names")
    with pytest.raises(RorError) as caught:
        asked(METRICS, names, **words)
    assert caught.value.code is ExitCode.USAGE
    assert "\n" not in caught.value.line()
    return caught.value.line()


def test_asked_when_words_are_known_then_they_become_metricflows_names() -> None:
    found = asked(
        METRICS, ["response_rate", "response_rate"], ["network", "week", "outcome"],
        ["network = 'x' and outcome <> 'week'"], date(2026, 1, 1), date(2026, 2, 1),
    )  # fmt: skip
    assert found.question.metrics == ("response_rate",)
    assert found.question.group_by == ("network", "metric_time__week", "response__outcome")
    assert found.question.where == (
        "{{ Entity('network') }} = 'x' AND {{ Dimension('response__outcome') }} <> 'week'",
        "{{ TimeDimension('metric_time', 'day') }} >= '2026-01-01'",
        "{{ TimeDimension('metric_time', 'day') }} < '2026-02-01'",
    )
    assert found.columns == {
        "network": "network", "metric_time__week": "week", "response__outcome": "outcome",
        "response_rate": "response_rate",
    }  # fmt: skip


def test_dimensions_when_metrics_differ_then_only_those_of_all_are_common() -> None:
    assert list(common_dimensions([METRICS["response_rate"]])) == ["brand_id", "network", "outcome"]
    assert list(common_dimensions(METRICS.values())) == ["network"]
    assert METRICS["cost_per_reply"].granularity == "week"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"names": ["respons_rate"]}, "'respons_rate' is unknown; next: did you mean response_rate"),
        ({"names": ["zzz"]}, "ror metric --list"),
        ({"by": ["netwrk"]}, "did you mean network?"),
        ({"by": ["qqq"]}, "did you mean brand_id, network, outcome, day, week"),
        ({"names": ["broadcast_ratio"], "by": ["day"]}, "day is finer than week"),
        ({"names": ["response_rate", "broadcast_ratio"], "by": ["brand_id"]}, "'brand_id' is unknown"),
        ({"names": ["count_28d"], "by": ["network"]}, "needs a period; next: --by month"),
        ({"names": ["count_28d"], "by": ["week"], "since": date(2026, 1, 6)}, "begins no week"),
        ({"names": ["count_28d"], "by": ["quarter"], "until": date(2026, 3, 1)}, "begins no quarter"),
        ({"since": date(2026, 1, 2), "until": date(2026, 1, 2)}, "ends before it begins"),
        ({"where": ["netwrk = 'x'"]}, "did you mean network?"),
        ({"where": ["marts.people.person_id = 'x'"]}, "--where"),
        ({"where": ["network in (select 1)"]}, "dimensions and values only"),
        ({"where": ["exists (select 1)"]}, "dimensions and values only"),
        ({"where": ["network = 'x' group by network"]}, "more than a condition"),
        ({"where": ["true; drop table x"]}, "--where"),
        ({"where": ["network = '{{ 7 * 7 }}'"]}, "marks of a template"),
        ({"where": ["network = '{% raw %}'"]}, "marks of a template"),
        ({"where": ["network = "]}, "no condition"),
        ({"where": [""]}, "no condition"),
    ],
)  # fmt: skip
def test_asked_when_something_is_wrong_then_one_line_says_what_would_be_right(
    words: dict[str, Any], said: str
) -> None:
    assert said in refused(**words)


def test_compiler_when_metricflow_is_not_installed_then_the_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = builtins.__import__

    def without(name: str, *arguments: Any) -> Any:
        if name.startswith("metricflow"):
            raise ModuleNotFoundError("no", name="metricflow")
        return real(name, *arguments)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(RorError) as caught:
        compiler({})
    assert caught.value.line() == (
        "metric: MetricFlow: metricflow is not installed;"
        " next: pip install --require-hashes -r requirements.lock"
    )
