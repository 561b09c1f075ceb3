"""Likelihood and AIC against counts made by hand."""

from __future__ import annotations

from collections import Counter
from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.analytics.paths import paths_of_lists
from pipelines.analytics.prediction import prediction


def by_hand(rows, folds, order, channels):
    """Token by token, with dictionaries."""
    steps = []  # (context, next, fold, weight)
    for (path, _, _), counts in zip(rows, folds, strict=True):
        for fold, (won, lost) in enumerate(counts):
            for i, code in enumerate(path):
                steps.append((tuple(path[max(0, i - order) : i]), code, fold, won + lost))
            context = tuple(path[-order:])
            steps += [(context, "won", fold, won), (context, "lost", fold, lost)]
    total = 0.0
    for held in range(len(folds[0])):
        pairs, contexts = Counter(), Counter()
        for context, code, fold, weight in steps:
            if fold != held:
                pairs[context, code] += weight
                contexts[context] += weight
        for context, code, fold, weight in steps:
            if fold == held:
                chance = (pairs[context, code] + 0.5) / (contexts[context] + 0.5 * (channels + 2))
                total += weight * log(chance)
    return total


@settings(max_examples=50, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.lists(st.integers(0, 2), min_size=1, max_size=4),
            st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=3, max_size=3),
        ),
        min_size=1,
        max_size=6,
    ),
    st.integers(1, 3),
)
def test_held_out_likelihood_when_random_then_it_equals_counting_by_hand(drawn, order):
    folds = [counts for _, counts in drawn]
    rows = [(path, sum(w for w, _ in f), sum(lo for _, lo in f)) for path, f in drawn]
    lists, won, lost = zip(*rows, strict=True)
    paths = paths_of_lists(lists, won, lost, [0] * len(rows), 3)
    found = prediction(paths, np.array(folds, float), order)
    assert found.log_likelihood == pytest.approx(by_hand(rows, folds, order, 3), abs=1e-9)


def test_aic_when_one_channel_converts_half_then_it_has_one_parameter():
    # start -> a always; a -> won 2, lost 2: log-likelihood 4 ln 1/2, one free parameter.
    found = prediction(paths_of_lists([[0]], [2], [2], [0], 1), np.array([[[2.0, 2.0]]]), 1)
    assert found.aic == pytest.approx(2 + 8 * log(2), abs=1e-12)
