"""The lexicon alone: for explanations, and for those who want no trained weights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipelines.sentiment.engines.linear import softmax
from pipelines.sentiment.features import DENSE_NAMES, Batch
from pipelines.sentiment.lexical import Floats
from pipelines.sentiment.normalise import NORM_VERSION
from pipelines.sentiment.tables import LEX_VERSION

SCORE = DENSE_NAMES.index("score")
STEEPNESS = 5.0  # logits per unit of the lexicon score
NEUTRAL_AT = 0.25  # score at which a side and neutral are equally likely


@dataclass(frozen=True)
class LexiconEngine:
    """Probabilities from the lexicon score s: logits (-5 s, 1.25, 5 s)."""

    name: str = "lexicon"

    @property
    def version(self) -> str:
        """E.g. `lexicon-n1-l1`."""
        return f"{self.name}-n{NORM_VERSION}-l{LEX_VERSION}"

    def probabilities(self, batch: Batch, texts: list[str]) -> Floats:
        """Probabilities; `texts` is not read."""
        del texts
        score = batch.dense[:, SCORE] * STEEPNESS
        neutral = np.full(len(score), NEUTRAL_AT * STEEPNESS)
        return softmax(np.stack([-score, neutral, score], axis=1))
