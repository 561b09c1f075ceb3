"""The same question of parts of the people. Segments must be known before any exposure."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipelines.analytics.causal.analysis import Finding, Question, analyse

EVERYBODY = "all"


def analyse_segments(question: Question, segment: Sequence[str]) -> dict[str, Finding]:
    """Findings of everybody and, by name, of each segment; `segment` (people,).

    Segments have their own gates: a small one hears "too few", whatever the others found.
    """
    labels = np.array(segment)
    findings = {EVERYBODY: analyse(question)}
    for name in sorted(set(segment)):
        findings[name] = analyse(question.of_people(labels == name))
    return findings
