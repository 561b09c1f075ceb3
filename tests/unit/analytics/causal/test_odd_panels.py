"""Whatever a brand's data look like, there is an answer, and no number that is none."""

import json
import warnings

import numpy as np
import pytest

from pipelines.analytics.causal import rows
from pipelines.analytics.causal.analysis import Question, analyse
from pipelines.analytics.causal.dose import Doses
from pipelines.analytics.causal.panel import NEVER, Panel
from pipelines.analytics.causal.sentences import Money, sentence
from pipelines.analytics.causal.words import LANGUAGES


def odd_question(seed):
    """Few weeks, one to four cohorts anywhere, rates from one in a thousand to one a week; some
    with a week in which nothing was sold, with controls who begin late, with losses.
    """
    generator = np.random.default_rng(seed)
    weeks, people = int(generator.integers(13, 40)), int(generator.integers(300, 900))
    starts = generator.choice(np.arange(weeks), generator.integers(1, 5), replace=False)
    onset = generator.choice(np.r_[NEVER, starts], people)
    counts = generator.poisson(10 ** generator.uniform(-3, 0), (people, weeks))
    if seed % 3 == 0:
        counts[:, generator.integers(0, weeks)] = 0
    if seed % 5 == 0:
        counts[onset == NEVER, :3] = 0
    person, week = np.nonzero(counts)
    outcome = counts[person, week] * generator.integers(1, 5_000, len(person)).astype(float)
    if seed % 4 == 0:
        outcome *= generator.choice([1, -1], len(person), p=[0.9, 0.1])
    panel = Panel(weeks, onset, person, week, outcome)
    started = np.where(onset == NEVER, weeks, onset)[:, None]
    dose = np.where(np.arange(weeks) >= started, generator.poisson(1.0, counts.shape), 0)
    return Question(panel, Doses(onset, dose, counts), panel if seed % 7 == 0 else None)


@pytest.mark.parametrize("seed", [2, 6, 9, 12, 20, 27, 42, 57, 64, 84, 90, 105, 112])
def test_analysis_when_the_panel_is_odd_then_it_answers_without_a_number_that_is_none(seed):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = analyse(odd_question(seed))
    tables = [
        rows.effect_rows(found), rows.event_study_rows(found), rows.dose_rows(found),
        rows.curve_rows(found), rows.check_rows(found), rows.verdict_row(found),
    ]  # fmt: skip
    json.dumps(tables, allow_nan=False)
    effect = found.estimates.plain.effect if found.estimates else None
    for language in LANGUAGES:
        assert sentence(found.verdict, effect, None, Money("EUR"), language)
    if not found.verdict.shows_number:
        assert found.verdict.verdict in {"not_identified", "no_effect_detected"}
