"""The shipped artefact on the development texts, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipelines.sentiment import score_texts
from pipelines.sentiment.artefact import load_artefact
from pipelines.sentiment.measures import confusion_of, macro_f1
from pipelines.sentiment.training.corpus import russian_set, tweets_set
from pipelines.settings import ROOT

DATA = next(
    (place for place in (ROOT.parent / "shared" / "data" / "sentiment",
                         ROOT.parents[1] / "shared" / "data" / "sentiment") if place.is_dir()),
    None,
)  # fmt: skip
TOLERANCE = 0.02
RUSSIAN_FLOOR = 0.57
MOST_CALIBRATION_ERROR, MOST_MEAN_ERROR = 0.08, 0.05

pytestmark = pytest.mark.skipif(DATA is None, reason="development texts are not at hand")


def test_quality_when_measured_then_as_the_artefact_says():
    header = load_artefact().header
    examples = tweets_set(Path(str(DATA)) / "umsab", "val").examples
    codes = np.array([one.language for one in examples])
    labels = np.array([one.label for one in examples])
    found = score_texts([one.text for one in examples], codes.tolist())
    for code in np.unique(codes):
        mine = codes == code
        measured = macro_f1(confusion_of(labels[mine], found[mine].argmax(axis=1)))
        assert measured >= header["quality"][f"linear {code}"]["macro_f1"] - TOLERANCE, code


def test_calibration_when_measured_then_honest_in_every_language():
    quality = load_artefact().header["quality"]
    errors = [one["calibration_error"] for name, one in quality.items() if "linear" in name]
    assert max(errors) <= MOST_CALIBRATION_ERROR
    assert np.mean(errors) <= MOST_MEAN_ERROR


def test_russian_when_never_learnt_from_posts_then_above_its_floor():
    examples = russian_set(Path(str(DATA)) / "rusentiment", "val").examples
    labels = np.array([one.label for one in examples])
    found = score_texts([one.text for one in examples], ["ru"] * len(examples))
    assert macro_f1(confusion_of(labels, found.argmax(axis=1))) >= RUSSIAN_FLOOR
