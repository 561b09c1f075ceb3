"""Sentiment scoring beside VADER and a scikit-learn TF-IDF pipeline, each in a process of its own.

    python -m benchmarks.sentiment [rows]

Messages are made up: sentences of the seed, shuffled and joined, so that nothing is downloaded and
no two are alike. VADER and scikit-learn are not dependencies; those not installed are left out.
"""

from __future__ import annotations

import importlib.util
import os
import resource
import sys
import time
from collections.abc import Callable

import numpy as np

from benchmarks.measure import measure
from pipelines.sentiment.training.corpus import seed_set
from pipelines.settings import ROOT

ROWS = 60_000
BATCH = 5_000
SCORERS = ("linear, language given", "linear, language identified", "vader", "scikit-learn")
NEEDS = {"vader": "vaderSentiment", "scikit-learn": "sklearn"}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def messages(count: int) -> tuple[list[str], list[str]]:
    """(texts, languages): two sentences of one language each, with a number."""
    generator = np.random.default_rng(0)
    by_language: dict[str, list[str]] = {}
    for example in seed_set(1.0).examples:
        by_language.setdefault(example.language, []).append(example.text)
    codes = generator.choice(sorted(by_language), size=count).tolist()
    texts = []
    for row, code in enumerate(codes):
        first, second = generator.choice(by_language[code], size=2)
        texts.append(f"@user{row} {first} {second} http://t.co/{row} #tag{row % 97}")
    return texts, codes


def scorer_of(name: str) -> Callable[[list[str], list[str]], object]:
    """A function of a batch's texts and languages."""
    if name.startswith("linear"):
        from pipelines.sentiment.scoring import score_texts

        is_given = name.endswith("given")
        return lambda texts, codes: score_texts(texts, codes if is_given else None)
    if name == "vader":
        from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

        analyzer = SentimentIntensityAnalyzer()
        return lambda texts, _: [analyzer.polarity_scores(text) for text in texts]
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    examples = seed_set(1.0).examples
    pipeline = make_pipeline(
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
        LogisticRegression(max_iter=200),
    ).fit([one.text for one in examples], [one.label for one in examples])
    return lambda texts, _: pipeline.predict_proba(texts)


def run(name: str, rows: int) -> None:
    """Score in batches and print CPU-seconds and peak memory of this process."""
    texts, codes = messages(rows)
    scorer = scorer_of(name)
    scorer(texts[:BATCH], codes[:BATCH])  # tables and models are read once a process
    started = time.process_time()
    for start in range(0, rows, BATCH):
        scorer(texts[start : start + BATCH], codes[start : start + BATCH])
    seconds = time.process_time() - started
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{rows / seconds:,.0f}\t{seconds:.2f}\t{peak_mb:.0f}")


def main(rows: int) -> None:
    """A line for each scorer that is installed."""
    print(f"{'scorer':<28}  {'messages/CPU-s':>14}  {'CPU-s':>6}  {'peak MB':>7}")
    for name in SCORERS:
        if importlib.util.find_spec(NEEDS.get(name, "numpy")) is None:
            print(f"{name:<28}  not installed")
            continue
        command = [sys.executable, "-m", "benchmarks.sentiment", str(rows), name]
        done = measure(command, {**os.environ, **ONE_THREAD, "PYTHONPATH": _path()})
        rate, seconds, peak = done.output.split()
        print(f"{name:<28}  {rate:>14}  {seconds:>6}  {peak:>7}", flush=True)


def _path() -> str:
    return os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    if len(sys.argv) > 2:
        run(sys.argv[2], wanted)
    else:
        main(wanted)
