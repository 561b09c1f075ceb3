"""Removal effects against exact fractions, and against chains small enough to solve by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pipelines.analytics import markov
from pipelines.analytics.chain import chain_of, flow_of
from pipelines.analytics.markov import Refused, Removal, credit, removal_effects
from pipelines.analytics.paths import Paths, paths_of_lists
from tests.unit.analytics.exact_chain import removal_effects as exact_effects

CHANNELS = 4
ROWS = st.lists(
    st.tuples(
        st.lists(st.integers(0, CHANNELS - 1), min_size=1, max_size=6),
        st.integers(0, 5),
        st.integers(0, 9),
        st.integers(0, 1000),
    ),
    min_size=1,
    max_size=12,
)


def paths(rows, channels=CHANNELS) -> Paths:
    lists, won, lost, value = zip(*rows, strict=True)
    return paths_of_lists(lists, won, lost, value, channels)


def effects(rows, order=1, channels=CHANNELS) -> Removal:
    found = removal_effects(paths(rows, channels), order)
    assert isinstance(found, Removal)
    return found


def test_removal_when_two_channels_in_a_row_then_both_are_needed():
    # start -> a -> b -> conversion 1 of 2; a alone: 0 of 2. P = 1/4, nothing without a or b.
    found = effects([([0, 1], 1, 1, 10), ([0], 0, 2, 0)], channels=2)
    assert found.probability == pytest.approx(0.25, abs=1e-15)
    assert found.conversions == pytest.approx([1, 1], abs=1e-15)


def test_removal_when_channels_stand_alone_then_each_loses_its_own():
    # a converts 3 of 10, b 1 of 10; values 30 and 70.
    found = effects([([0], 3, 7, 30), ([1], 1, 9, 70)], channels=2)
    assert found.conversions == pytest.approx([0.75, 0.25], abs=1e-15)
    assert found.values == pytest.approx([0.3, 0.7], abs=1e-15)
    assert credit(found.values, 1000.0) == pytest.approx([300, 700], abs=1e-12)


@settings(max_examples=150, deadline=None)
@given(rows=ROWS, order=st.integers(1, 3))
def test_removal_when_chains_are_random_then_it_equals_exact_fractions(rows, order):
    rows = [(path, won, lost, value if won else 0) for path, won, lost, value in rows]
    assume(sum(won for _, won, _, _ in rows) and sum(value for *_, value in rows))
    weighed = paths(rows).touched()
    chain = chain_of(weighed, order)
    exact = np.array(exact_effects(rows, order, CHANNELS), float)
    for steps, limit in ((markov.MOST_STEPS, 0), (0, 10**6), (0, 0)):  # walked, dense, sparse
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(markov, "MOST_STEPS", steps)
            patch.setattr(markov, "DENSE_STATES", limit)
            found = markov.solved(chain, flow_of(chain, weighed), CHANNELS)
        assert found.conversions == pytest.approx(exact[:, 0], abs=1e-10)
        assert found.values == pytest.approx(exact[:, 1], abs=1e-10)


@settings(max_examples=50, deadline=None)
@given(rows=ROWS, seed=st.randoms())
def test_removal_when_rows_are_shuffled_and_split_then_nothing_changes(rows, seed):
    assume(sum(won for _, won, _, _ in rows))
    halves = [(path, 1, 0, 7) for path, won, _, _ in rows for _ in range(won)]
    halves += [(path, 0, lost, 0) for path, _, lost, _ in rows]
    whole = [(path, won, lost, 7 * won) for path, won, lost, _ in rows]
    seed.shuffle(halves)
    assert effects(halves).conversions == pytest.approx(effects(whole).conversions, abs=1e-12)
    assert effects(halves).values == pytest.approx(effects(whole).values, abs=1e-12)


def test_removal_when_a_path_has_ten_thousand_touches_then_nothing_is_cut():
    # a b a b ... b, once won; c, once lost. P = 1/2; without a or b nothing is left.
    found = effects([([0, 1] * 5000, 1, 0, 5), ([2], 0, 1, 0)], channels=3)
    assert found.probability == pytest.approx(0.5, abs=1e-12)
    assert found.conversions == pytest.approx([1, 1, 0], abs=1e-9)


def test_removal_when_walks_hardly_ever_end_then_the_chain_is_solved_and_little_is_lost():
    # Of a thousand paths one lets c in; order 2 goes round a b a b for long.
    rows = [([0, 1] * 5000, 999, 0, 5), ([0, 1, 2], 1, 0, 5)]
    assert effects(rows, 2, 3).conversions == pytest.approx(
        np.array(exact_effects(rows, 2, 3), float)[:, 0], rel=1e-9
    )


def test_removal_when_equal_states_meet_then_they_are_one():
    once, thrice = [([0, 1], 2, 3, 4)], [([0, 0, 0, 1], 2, 3, 4)]
    assert effects(thrice).conversions == pytest.approx(effects(once).conversions, abs=1e-15)


def test_removal_when_a_path_is_empty_then_it_takes_no_part():
    with_empty = effects([([0, 1], 1, 0, 1), ([], 5, 5, 5), ([2], 1, 0, 1)])
    assert with_empty.probability == pytest.approx(1.0)
    assert with_empty.conversions == pytest.approx([0.5, 0.5, 0.5, 0], abs=1e-15)


def test_removal_when_nothing_converted_then_it_says_so():
    assert removal_effects(paths([([0], 0, 5, 0)])) == Refused("no conversion on any path")
    assert removal_effects(paths([([], 1, 5, 0)])) == Refused("no path with a touch")


def test_removal_when_conversions_are_worth_nothing_then_value_is_unknown():
    found = effects([([0], 1, 1, 0)])
    assert found.values is None
    assert credit(found.values, 0.0) is None


def test_order_when_it_has_too_many_states_then_it_is_refused_with_the_reason():
    rows = [([a, b], 1, 0, 1) for a in range(4) for b in range(4)]
    assert removal_effects(paths(rows), 2) == Refused("16 states for 16 paths, at most a tenth")
    many = Paths(np.array([0]), np.array([0, 1]), *[np.array([1.0])] * 4, channel_count=2047)
    assert removal_effects(many, 6) == Refused("order 6 of 2047 channels has too many states")


def test_rare_transitions_when_counted_then_starts_and_ends_count_too():
    # start-a 100, a-b 60, a-lost 40, b-won 10, b-lost 50: one of five below 30.
    found = effects([([0, 1], 10, 50, 10), ([0], 0, 40, 0)])
    assert found.rare_transition_share == pytest.approx(0.2)
    assert found.state_count == 2
