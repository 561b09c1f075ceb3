"""Training on a tiny made-up collection: reproducible, and it learns what is there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")

from pipelines.sentiment import score_texts
from pipelines.sentiment.artefact import load_artefact
from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.evaluation import evaluate
from pipelines.sentiment.training.calibration import cross_fitted_error, temperature_of
from pipelines.sentiment.training.command import train_from
from pipelines.sentiment.training.corpus import NAMES, tweets_set

CLASSES = ("glorp", "quux", "zibble")  # made-up words: nothing but training can know them


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    (folder / "umsab").mkdir()
    generator = np.random.default_rng(5)
    for name in NAMES.values():
        for split, count in (("train", 60), ("val", 30)):
            labels = [row % 3 for row in range(count)]
            noise = generator.integers(0, 50, size=count)
            texts = [
                f"w{n} {CLASSES[label]} {split}{n}" for label, n in zip(labels, noise, strict=True)
            ]
            stem = folder / "umsab" / f"{name}.{split}"
            Path(f"{stem}_text.txt").write_text("\n".join(texts) + "\n", encoding="utf-8")
            Path(f"{stem}_labels.txt").write_text("\n".join(map(str, labels)) + "\n")
    return folder


@pytest.fixture(scope="module")
def trained(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("out") / "a.npz"
    train_from("open", data, (), False, out, out.with_suffix(".md"), out)
    return out


def test_training_when_repeated_then_the_same_bytes(data, trained, tmp_path):
    train_from("open", data, (), False, tmp_path, None, tmp_path / "b.npz")
    assert (tmp_path / "b.npz").read_bytes() == trained.read_bytes()


def test_training_when_done_then_it_scores_what_it_learnt(trained):
    found = score_texts(["the glorp", "the quux", "the zibble"], ["en"] * 3, artefact=trained)
    assert found.argmax(axis=1).tolist() == [0, 1, 2]
    report = evaluate(["glorp", "quux", "zibble"], [0, 1, 2], ["en"] * 3, artefact=trained)
    assert report.mean_macro_f1 == 1.0


def test_training_when_done_then_header_and_card_tell_the_terms(trained):
    header = load_artefact(trained).header
    assert [one["name"] for one in header["training"]] == ["umsab", "seed"]
    card = trained.with_suffix(".md").read_text(encoding="utf-8")
    assert "Apache-2.0 repository" in card
    assert load_artefact(trained).digest in card


def test_training_when_open_is_to_learn_from_rusentiment_then_refused(data, tmp_path):
    with pytest.raises(SentimentConfigError, match="non-commercial"):
        train_from(
            "open", data, (f"rusentiment={data}",), False, tmp_path, None, tmp_path / "c.npz"
        )


def test_training_when_data_is_missing_then_the_file_is_named(tmp_path):
    with pytest.raises(SentimentConfigError, match=r"english\.train_text\.txt"):
        train_from("open", tmp_path, (), False, tmp_path, None, tmp_path / "c.npz")


def test_development_rows_when_they_repeat_training_then_left_out(tmp_path):
    for name in NAMES.values():
        for split, text in (("train", "ciao @a !"), ("val", "Ciao @b http://c\nnuovo")):
            Path(tmp_path / f"{name}.{split}_text.txt").write_text(text)
            Path(tmp_path / f"{name}.{split}_labels.txt").write_text("1\n2")
    assert {one.text for one in tweets_set(tmp_path, "val").examples} == {"nuovo"}


def test_temperature_when_logits_are_twice_too_sure_then_two():
    generator = np.random.default_rng(0)
    logits = generator.normal(0, 2, size=(20_000, 3))
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    labels = (shares.cumsum(axis=1) < generator.random((20_000, 1))).sum(axis=1).clip(0, 2)
    assert temperature_of(2 * logits, labels) == pytest.approx(2, rel=0.05)
    assert cross_fitted_error(2 * logits, labels) < 0.02
