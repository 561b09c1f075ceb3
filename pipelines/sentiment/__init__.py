"""Sentiment of messages in seven languages: local, deterministic, with a reason for every gap.

Import what you call from the modules; the names below are the public ones.
"""

from __future__ import annotations

from pipelines.sentiment.evaluation import EvaluationReport, evaluate
from pipelines.sentiment.explaining import Explanation, explain
from pipelines.sentiment.scoring import detect_languages, score_texts, score_version
from pipelines.sentiment.tabular import score_table

__all__ = [
    "EvaluationReport",
    "Explanation",
    "detect_languages",
    "evaluate",
    "explain",
    "score_table",
    "score_texts",
    "score_version",
]
