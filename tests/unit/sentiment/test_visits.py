"""The automaton over many texts at once goes where it goes over each alone."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.sentiment.language import _visits, byte_model

TEXTS = st.lists(st.text(max_size=40).map(str.encode), min_size=1, max_size=6)


def alone(text: bytes) -> list[tuple[int, int]]:
    """N-grams of one text and how often, in the order of their first visits."""
    model, state, counts = byte_model(), 0, Counter[int]()
    for byte in text:
        state = int(model.moves[model.rows[state] + byte])
        if model.outputs[state] >= 0:
            counts[int(model.outputs[state])] += 1
    return list(counts.items())


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_visits_when_of_many_texts_then_those_of_each_alone(texts: list[bytes]) -> None:
    found = _visits(byte_model(), texts)
    pairs = list(zip(found.features.tolist(), found.counts.astype(int).tolist(), strict=True))
    taken = [[pairs.pop(0) for _ in range(size)] for size in found.sizes.tolist()]
    assert taken == [alone(text) for text in texts]
    assert not pairs


def test_visits_when_some_texts_are_wanted_then_theirs_only() -> None:
    texts = [b"una bella giornata", b"", b"the weather is fine", b"gut gemacht"]
    every = _visits(byte_model(), texts)
    some = every.of(every.sizes.nonzero()[0][1:])
    expected = [pair for text in texts[2:] for pair in alone(text)]
    found = zip(some.features.tolist(), some.counts.astype(int).tolist(), strict=True)
    assert list(found) == expected
