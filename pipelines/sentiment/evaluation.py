"""Measures an engine against labels, by language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.sentiment.measures import Quality, quality_of
from pipelines.sentiment.scoring import score_texts, score_version


@dataclass(frozen=True)
class EvaluationReport:
    """`by_language`: quality of each language; `mean_macro_f1`: over the languages, unweighted."""

    score_version: str
    by_language: dict[str, Quality]
    mean_macro_f1: float


def evaluate(
    texts: Sequence[str],
    labels: Sequence[int],
    langs: Sequence[str],
    *,
    engine: str = "linear",
    artefact: str | Path | None = None,
) -> EvaluationReport:
    """Score labelled texts (0 negative, 1 neutral, 2 positive) and measure. Rates in 0..1.

    Errors: ValueError if there is nothing to measure or a label is none of the three;
    SentimentConfigError as `score_texts`.
    """
    truth = np.asarray(labels, dtype=np.int64)
    if not len(truth) or not np.isin(truth, (0, 1, 2)).all():
        raise ValueError("labels must be 0, 1 or 2, and at least one is needed")
    found = score_texts(texts, langs, engine=engine, artefact=artefact)
    codes = np.array(list(langs))
    by_language = {
        str(code): quality_of(found[codes == code], truth[codes == code])
        for code in np.unique(codes)
    }
    mean = float(np.mean([quality.macro_f1 for quality in by_language.values()]))
    return EvaluationReport(score_version(engine, artefact), by_language, mean)
