"""The engines behind one interface, by name. Each is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipelines.sentiment.errors import SentimentConfigError

if TYPE_CHECKING:
    from pipelines.sentiment.features import Batch
    from pipelines.sentiment.lexical import Floats

NAMES = ("linear", "embed", "onnx", "lexicon")


class Engine(Protocol):
    """Gives (n, 3) probabilities of negative, neutral, positive for prepared messages."""

    @property
    def name(self) -> str:
        """One of NAMES."""
        ...

    @property
    def version(self) -> str:
        """Equal versions give equal scores."""
        ...

    def probabilities(self, batch: Batch, texts: list[str]) -> Floats:
        """Probabilities of messages whose language is known (index in LANGUAGES) or unknown."""
        ...


def engine_of(name: str, artefact: str | Path | None = None) -> Engine:
    """The engine of that name. For `onnx`, `artefact` is the folder of the model.

    Errors: SentimentConfigError for an unknown name, a missing extra, a missing or broken file.
    """
    if name == "linear":
        from pipelines.sentiment.engines.linear import LinearEngine  # noqa: PLC0415

        return LinearEngine.load(artefact)
    if name == "lexicon":
        from pipelines.sentiment.engines.lexicon import LexiconEngine  # noqa: PLC0415

        return LexiconEngine()
    if name == "embed":
        from pipelines.sentiment.engines.embed import EmbedEngine  # noqa: PLC0415

        return EmbedEngine.load(artefact)
    if name == "onnx":
        from pipelines.sentiment.engines.onnx import OnnxEngine  # noqa: PLC0415

        return OnnxEngine.load(artefact)
    raise SentimentConfigError(
        "sentiment", f"engine {name!r}", "there is no such engine", f"one of {', '.join(NAMES)}"
    )
