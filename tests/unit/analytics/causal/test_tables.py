"""From the tables of the warehouse to a verdict, in any order of rows."""

import numpy as np
import pyarrow as pa
import pytest

from pipelines.analytics.causal.analysis import analyse
from pipelines.analytics.causal.tables import question_from_tables


def tables(world):
    """A planted world as the marts would hold it, people who are no bots."""
    people, outcomes = world.people, world.outcomes
    kept = np.flatnonzero(~people.is_bot)
    names = np.array([f"p{n:06}" for n in range(len(people.onset))])
    onset = people.onset[kept]
    cohorts = pa.table(
        {"person_id": names[kept], "onset_week_index": pa.array(onset, mask=onset < 0)}
    )
    margin = np.zeros(world.orders.shape, dtype=np.int64)
    margin[outcomes.person, outcomes.week] = outcomes.margin_minor
    person, week = np.nonzero((world.orders > 0) | (world.dose > 0))
    own = np.isin(person, kept)
    person, week = person[own], week[own]
    weekly = pa.table(
        {
            "person_id": names[person], "week_index": week,
            "margin_minor": margin[person, week], "order_count": world.orders[person, week],
            "dose": world.dose[person, week],
        }
    )  # fmt: skip
    return cohorts, weekly


@pytest.fixture(scope="module")
def marts(small_world):
    return tables(small_world)


def test_question_when_read_from_tables_then_it_is_the_one_of_the_world(marts, small_question):
    found = question_from_tables(*marts, weeks=40)
    assert found.panel.people == small_question.panel.people
    assert (found.panel.dense() == small_question.panel.dense()).all()
    assert (found.doses.dose == small_question.doses.dose).all()
    assert (found.doses.counts == small_question.doses.counts).all()


def test_finding_when_all_rows_are_shuffled_then_it_is_the_same_to_the_last_digit(marts):
    generator = np.random.default_rng(6)
    people, weekly = marts
    straight = analyse(question_from_tables(people, weekly, weeks=40))
    shuffled = analyse(
        question_from_tables(
            people.take(generator.permutation(people.num_rows)),
            weekly.take(generator.permutation(weekly.num_rows)), weeks=40,
        )
    )  # fmt: skip
    assert shuffled.verdict == straight.verdict
    assert shuffled.evidence == straight.evidence  # permutation included
    assert (shuffled.doses.log_rate_ratio == straight.doses.log_rate_ratio).all()


def test_question_when_a_week_before_is_given_then_it_is_the_placebo(marts):
    people, weekly = marts
    found = question_from_tables(people, weekly, weeks=40, before=weekly.slice(0, 500))
    assert found.placebo.people == people.num_rows
    assert len(found.placebo.outcome) == 500
