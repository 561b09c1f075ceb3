"""Own sentences in Italian, Russian and English with the label that people would give."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest

from pipelines.sentiment import score_texts
from pipelines.sentiment.explaining import LABELS
from pipelines.sentiment.training.corpus import seed_set

FILE = Path(__file__).with_name("probes.txt")
LEAST_ALL, LEAST_GROUP = 0.80, 0.75
SURE, MOST_SURE_OF_IRONY = 0.80, 0.10


def probes() -> list[list[str]]:
    lines = FILE.read_text(encoding="utf-8").splitlines()
    return [line.split("|") for line in lines if not line.startswith("#")]


@pytest.fixture(scope="module")
def right() -> dict[str, list[bool]]:
    rows = probes()
    found = score_texts([row[3] for row in rows], [row[1] for row in rows])
    groups: dict[str, list[bool]] = defaultdict(list)
    for (group, lang, label, _), shares in zip(rows, found, strict=True):
        groups[group].append(LABELS[int(shares.argmax())] == label)
        groups[lang].append(groups[group][-1])
    return groups


def test_probes_when_counted_then_many_and_none_was_learnt():
    rows = probes()
    assert len(rows) >= 120
    learnt = {example.text for example in seed_set(1.0).examples}
    assert learnt.isdisjoint(row[3] for row in rows)


@pytest.mark.parametrize("lang", ["it", "ru", "en"])
def test_probes_when_scored_then_most_of_each_language_are_right(right, lang):
    assert sum(right[lang]) / len(right[lang]) >= LEAST_ALL


@pytest.mark.parametrize("group", ["negation", "litotes", "thanks", "emoji", "contrast", "plain"])
def test_probes_when_scored_then_most_of_each_group_are_right(right, group):
    assert sum(right[group]) / len(right[group]) >= LEAST_GROUP


def test_irony_when_scored_then_seldom_surely_positive():
    lines = FILE.with_name("irony.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split("|") for line in lines]
    found = score_texts([text for _, text in rows], [lang for lang, _ in rows])
    surely_positive = (found[:, 2] >= SURE).mean()
    assert surely_positive <= MOST_SURE_OF_IRONY
