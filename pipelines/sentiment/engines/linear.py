"""The default engine: hashed n-grams and dense lexical features, numpy only."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipelines.sentiment.artefact import Artefact, load_artefact
from pipelines.sentiment.features import Batch, gram_sums, unpacked
from pipelines.sentiment.lexical import Floats
from pipelines.sentiment.normalise import NORM_VERSION
from pipelines.sentiment.tables import LEX_VERSION

CHARACTER_UNIT, CHARACTER_NORM, WORD_UNIT, WORD_NORM = range(4)
DIGEST_SHOWN = 8  # characters of the artefact's hash in a version


@dataclass(frozen=True)
class LinearEngine:
    """Softmax of n-gram sums over their norm, plus dense features, over a temperature."""

    artefact: Artefact
    name: str = "linear"

    @classmethod
    def load(cls, path: str | Path | None = None) -> LinearEngine:
        """With the shipped artefact, or that of a file."""
        return cls(load_artefact(path))

    @property
    def version(self) -> str:
        """E.g. `linear-3fa91c20-n1-l1`."""
        return version_of(self.name, self.artefact.digest)

    def probabilities(self, batch: Batch, texts: list[str]) -> Floats:
        """Calibrated probabilities; `texts` is not read."""
        del texts
        temperature = self.artefact.temperatures[self.name][batch.languages]
        result = softmax(self.logits(batch) / temperature[:, None])
        return held_down(result, self.artefact.ceiling[batch.languages])

    def logits(self, batch: Batch) -> Floats:
        """(n, 3) logits before temperature."""
        artefact = self.artefact
        dense = artefact.dense[batch.languages]
        logits: Floats = np.einsum("nd,ndc->nc", batch.dense, dense)
        logits += artefact.bias[batch.languages]
        logits[:, [0, 2]] += self.gram_logits(batch)
        return logits

    def gram_logits(self, batch: Batch) -> Floats:
        """(n, 2) what n-grams say for negative and positive against neutral."""
        units = self.artefact.units
        by_character, by_word = gram_sums(batch, self.artefact.characters, self.artefact.words)
        total = np.zeros((len(by_character), 2))
        for sums, unit, norm_unit in (
            (by_character, units[CHARACTER_UNIT], units[CHARACTER_NORM]),
            (by_word, units[WORD_UNIT], units[WORD_NORM]),
        ):
            weights, norms = unpacked(sums)
            total += weights * unit / np.sqrt(np.maximum(norms * norm_unit, 1.0))[:, None]
        return total


def version_of(name: str, digest: str) -> str:
    """`<engine>-<start of the hash>-n<normaliser>-l<lexical tables>`."""
    return f"{name}-{digest[:DIGEST_SHOWN]}-n{NORM_VERSION}-l{LEX_VERSION}"


def softmax(logits: Floats) -> Floats:
    """Rows of probabilities."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    result: Floats = powers / powers.sum(axis=1, keepdims=True)
    return result


def held_down(probabilities: Floats, ceiling: Floats) -> Floats:
    """Rows of which none exceeds its ceiling (above one half): what a side has too much goes to
    neutral, what neutral has too much to both. Unlike a mixture with the uniform row, this never
    turns a more positive message into a less positive one."""
    excess = np.maximum(probabilities - ceiling[:, None], 0.0)
    result = probabilities - excess
    result[:, 1] += excess[:, 0] + excess[:, 2]
    result[:, [0, 2]] += excess[:, [1]] / 2
    return result


def capped(probabilities: Floats, ceiling: Floats) -> Floats:
    """Rows mixed with the uniform row until none exceeds its ceiling (above one third)."""
    uniform = 1.0 / probabilities.shape[1]
    largest = probabilities.max(axis=1)
    excess = largest > ceiling
    share = np.ones(len(probabilities))
    share[excess] = (ceiling[excess] - uniform) / (largest[excess] - uniform)
    result: Floats = uniform + (probabilities - uniform) * share[:, None]
    return result
