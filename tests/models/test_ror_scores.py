"""The ROR score against its definition in plain Python, and what must not move it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest

from pipelines.settings import DBT_PROJECT
from tests.support.acts import build, rows
from tests.support.raw import RawWarehouse
from tests.support.ror_oracle import (
    AS_OF,
    MONDAY,
    Life,
    land,
    last_word,
    live,
    measured,
    plant_recognitions,
    plant_scores,
    points,
    seed_rows,
    week_of,
)  # fmt: skip

pytestmark = [pytest.mark.slow, pytest.mark.long]

MARTS = ("ror_scores_weekly", "ror_score_components_weekly", "people_weekly", "ror_validations")
COMPONENTS = {row["component"] for row in seed_rows("ror_weights")}
PEOPLE = [f"ann{n}" for n in range(10)]


def busy_one(lives: dict[str, Life]) -> str:
    """The first of those who both talk and buy."""
    return next(name for name in PEOPLE if lives[name].conversations and lives[name].purchases)


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, Any, Any]]:
    """Scores after the first night, lives by the second one, and the warehouse of the second.

    In between strangers come, one person goes on talking and buying, and nothing else happens.
    """
    raw = RawWarehouse(tmp_path_factory.mktemp("ror"), as_of=f"{AS_OF:%F %T}+00")
    lives = {name: live(name, 1) for name in PEOPLE}
    last_word(raw)
    plant_scores(raw)
    plant_recognitions(raw, lives)
    land(raw, lives)
    with build(raw, *MARTS) as con:
        first = scores(con)
    busy = busy_one(lives)
    late = AS_OF - timedelta(days=30)
    lives[busy].conversations.append([(late, late + timedelta(minutes=3))])
    lives[busy].purchases[(late - timedelta(days=60)).date()] = 50_000
    strangers = {f"stranger{n}": live(f"stranger{n}", 2) for n in range(60)}
    land(raw, {busy: lives[busy]} | strangers)
    plant_recognitions(raw, lives | strangers)
    with build(raw, *MARTS) as con:
        yield first, lives | strangers, con


def scores(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, date], int]:
    """Score in millionths by contact and week."""
    found = rows(
        con,
        "select identifier_key[2:], week_start_date, score_micro from marts.ror_scores_weekly"
        " inner join intermediate.int_person_keys using (person_id)"
        " where identifier_kind = 'contact'",
    )
    return {(name, week): micro for name, week, micro in found}


def test_components_when_lives_are_drawn_then_all_are_those_of_the_definition(nights: Any) -> None:
    _, lives, con = nights
    found = rows(
        con,
        "select identifier_key[2:], week_start_date, component, raw_value, evidence_count,"
        " points_micro from marts.ror_score_components_weekly"
        " inner join intermediate.int_person_keys using (person_id)"
        " where identifier_kind = 'contact'",
    )
    assert len({component for _, _, component, *_ in found}) == 8
    assert {component for _, _, component, raw, *_ in found if raw is not None} == COMPONENTS
    assert {week for _, week, *_ in found} == {
        (AS_OF - timedelta(weeks=n)).date() for n in range(1, 17)
    }
    for name, monday, component, raw, evidence, micro in found:
        where = (name, monday, component)
        wanted = measured(lives[name], week_of(monday))[component]
        assert raw == (None if wanted[0] is None else pytest.approx(wanted[0], abs=1e-6)), where
        assert evidence == pytest.approx(wanted[1], abs=1e-6), where
        assert micro == pytest.approx(points(component, *wanted) * 1e6, abs=5), where


def test_scores_when_summed_then_components_make_them_to_the_last_digit(nights: Any) -> None:
    _, _, con = nights
    assert rows(
        con,
        "select count(*) > 100, count(*) filter (score_micro <> parts or parts_count <> 8)"
        " from marts.ror_scores_weekly inner join (select person_id, week_start_date,"
        " sum(points_micro) as parts, count(*) as parts_count"
        " from marts.ror_score_components_weekly group by all) using (person_id, week_start_date)",
    ) == [(True, 0)]


def test_scores_when_strangers_come_then_those_of_others_stay(nights: Any) -> None:
    first, lives, con = nights
    second = scores(con)
    busy = busy_one(lives)
    kept = {key: micro for key, micro in first.items() if key[0] != busy}
    assert kept
    assert {key: second[key] for key in kept} == kept
    assert len(second) > len(first)
    assert any(second[key] != micro for key, micro in first.items() if key[0] == busy)


def test_panel_when_lives_are_drawn_then_counts_are_those_of_the_lives(nights: Any) -> None:
    _, lives, con = nights
    wanted: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for name, life in lives.items():
        for asked, answered in (turn for turns in life.conversations for turn in turns):
            wanted[name, week_of(asked.date())][0] += 1
            if answered:
                for later in range(4):
                    wanted[name, week_of(answered.date()) + later][3] += 1
                wanted[name, week_of(answered.date())][1] += 1
        for day in life.purchases:
            wanted[name, week_of(day)][2] += 1
    last = week_of(AS_OF.date()) - 1
    expected = {
        key: (asked, answered, bought, min(dose, 10))
        for key, (asked, answered, bought, dose) in wanted.items()
        if key[1] <= last and asked + answered + bought + dose
    }
    found = {
        (name, week): tuple(counts)
        for name, week, *counts in rows(
            con,
            "select identifier_key[2:], week_index, inbound_count, personal_reply_count,"
            " order_count, dose from marts.people_weekly"
            " inner join intermediate.int_person_keys using (person_id)"
            " where identifier_kind = 'contact'"
            " and inbound_count + personal_reply_count + order_count + dose > 0",
        )
    }
    assert found == expected


def test_validation_when_compared_then_auc_is_the_share_of_pairs_in_order(nights: Any) -> None:
    _, lives, con = nights
    week = week_of(AS_OF.date()) - 14
    end = MONDAY + timedelta(weeks=week + 1)
    scored = {
        name: micro for (name, monday), micro in scores(con).items() if week_of(monday) == week
    }
    cases = [
        (scored[name], any(day >= end for day in life.purchases))
        for name, life in lives.items()
        if name in scored and any(day < end for day in life.purchases)
    ]
    pairs = [
        (hit > miss) + (hit == miss) / 2
        for hit, is_hit in cases
        if is_hit
        for miss, is_other_hit in cases
        if not is_other_hit
    ]
    found = rows(
        con,
        "select auc, people_count, event_count from marts.ror_validations"
        " where predictor = 'score' and outcome = 'repeat_purchase'",
    )
    assert found == [
        (pytest.approx(sum(pairs) / len(pairs)), len(cases), sum(hit for _, hit in cases))
    ]


@pytest.mark.parametrize(
    ("seed", "old", "new", "line"),
    [
        ("ror_weights", "1,depth,15,4", "1,depth,14,4", "they do not sum to 100"),
        ("ror_calibration", "2,depth,", "2,deep,", "a component is missing"),
    ],
)
def test_build_when_weights_or_calibration_cannot_be_used_then_it_stops_with_one_line(
    tmp_path: Any, seed: str, old: str, new: str, line: str
) -> None:
    raw = RawWarehouse(tmp_path)
    text = (DBT_PROJECT / "seeds" / f"{seed}.csv").read_text(encoding="utf-8")
    assert old in text
    raw.seed(seed, text.replace(old, new))
    with pytest.raises(AssertionError, match=line):
        raw.build("--select", "+int_ror_weights_checked")
