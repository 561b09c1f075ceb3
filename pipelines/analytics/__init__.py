"""Solves that SQL cannot do: Markov chains, Shapley games, likelihood fits. Pure functions."""
