"""Shapley values against the definition: every coalition of every order."""

from __future__ import annotations

from itertools import combinations
from math import factorial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.analytics.paths import paths_of_lists
from pipelines.analytics.shapley import additive, rate_game

CHANNELS = 4
ROWS = st.lists(
    st.tuples(
        st.lists(st.integers(0, CHANNELS - 1), max_size=5),
        st.integers(0, 5),
        st.integers(0, 9),
        st.integers(0, 1000),
    ),
    min_size=1,
    max_size=10,
)


def by_definition(players, worth) -> list[float]:
    """Sum over coalitions of |S|! (n - |S| - 1)! / n! times what a player adds to S."""
    count, values = len(players), []
    for player in players:
        others = [p for p in players if p != player]
        value = 0.0
        for size in range(count):
            for coalition in combinations(others, size):
                weight = factorial(size) * factorial(count - size - 1) / factorial(count)
                value += weight * (worth({*coalition, player}) - worth(set(coalition)))
        values.append(value)
    return values


def counted(rows):
    lists, won, lost, value = zip(*rows, strict=True)
    return paths_of_lists(lists, won, lost, value, CHANNELS)


@settings(max_examples=100, deadline=None)
@given(rows=ROWS)
def test_additive_when_random_then_it_equals_the_definition(rows):
    def worth(place):
        return lambda coalition: sum(r[place] for r in rows if r[0] and set(r[0]) <= coalition)

    conversions, values = additive(counted(rows))
    assert conversions == pytest.approx(by_definition(range(CHANNELS), worth(1)), abs=1e-10)
    assert values == pytest.approx(by_definition(range(CHANNELS), worth(3)), abs=1e-10)


@settings(max_examples=100, deadline=None)
@given(rows=ROWS)
def test_rate_game_when_random_then_it_equals_the_definition_and_divides_the_rate(rows):
    def rate(coalition):
        inside = [r for r in rows if r[0] and set(r[0]) <= coalition]
        seen = sum(won + lost for _, won, lost, _ in inside)
        return sum(won for _, won, _, _ in inside) / seen if seen else 0.0

    game = rate_game(counted(rows))
    players = [group[0] for group in game.players]
    assert game.values == pytest.approx(by_definition(players, rate), abs=1e-10)
    assert game.values.sum() == pytest.approx(rate(set(range(CHANNELS))), abs=1e-12)


def test_additive_when_five_channels_share_one_path_then_each_has_a_fifth():
    conversions, _ = additive(paths_of_lists([[0, 1, 2, 3, 4, 0]], [1], [0], [1], 5))
    assert conversions == pytest.approx([0.2] * 5, abs=1e-15)


def test_rate_game_when_more_channels_than_players_then_the_rare_ones_are_one_player():
    lists = [[c] for c in range(5)] + [[0, 1]]
    game = rate_game(paths_of_lists(lists, [1] * 6, [90, 80, 70, 6, 5, 9], [1] * 6, 5), largest=4)
    assert game.players == ((0,), (1,), (2,), (3, 4))
    assert game.values.sum() == pytest.approx(6 / 266)
    assert not game.is_supported  # the last player has 13 paths


def test_rate_game_when_a_channel_does_harm_then_its_value_stays_negative():
    lists = [[0], [0, 1], [1]]
    game = rate_game(paths_of_lists(lists, [50, 0, 0], [50, 100, 100], [0] * 3, 2))
    # v(a) = .5, v(b) = 0, v(ab) = 50/300: a (.5 + 1/6)/2, b (0 - 1/3)/2
    assert dict(zip([g[0] for g in game.players], game.values, strict=True)) == pytest.approx(
        {0: 1 / 3, 1: -1 / 6}
    )
    assert game.is_supported


def test_rate_game_when_there_are_no_paths_then_it_has_no_players():
    assert rate_game(paths_of_lists([[]], [1], [1], [1], 3)).players == ()


def test_rate_game_when_twenty_channels_then_it_is_exact():
    # One path with all: everybody has a twentieth of the rate.
    game = rate_game(paths_of_lists([list(range(20))], [30], [70], [1], 20))
    assert game.values == pytest.approx(np.full(20, 0.3 / 20), abs=1e-12)
