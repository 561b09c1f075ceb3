"""A model of the user's own: a folder with `model.onnx`, `tokenizer.json` and `config.json`.

Needs the extra `onnx`. One thread; messages of one length at a time, so that padding is not needed.
"""

from __future__ import annotations

import hashlib
import importlib
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from pipelines.sentiment.engines.linear import DIGEST_SHOWN, softmax
from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.features import Batch
from pipelines.sentiment.lexical import Floats

LONGEST = 256  # tokens
ROWS_AT_ONCE = 16
CLASS_OF = {
    "negative": 0, "neutral": 1, "positive": 2, "neg": 0, "neu": 1, "pos": 2,
    "label_0": 0, "label_1": 1, "label_2": 2,
    "1 star": 0, "2 stars": 0, "3 stars": 1, "4 stars": 2, "5 stars": 2,
}  # fmt: skip
FILES = ("model.onnx", "tokenizer.json", "config.json")


@dataclass(frozen=True)
class OnnxEngine:
    """Softmax of the model's logits, summed over the labels of one class."""

    session: Any
    tokenizer: Any
    classes: tuple[int, ...]
    digest: str
    name: str = "onnx"

    @classmethod
    def load(cls, folder: str | Path | None) -> OnnxEngine:
        """From a folder; SentimentConfigError names what is missing or cannot be mapped."""
        if folder is None:
            raise _broken("no folder given", "artefact= or --artefact FOLDER")
        return _load(Path(folder))

    @property
    def version(self) -> str:
        """E.g. `onnx-3fa91c20`."""
        return f"{self.name}-{self.digest[:DIGEST_SHOWN]}"

    def probabilities(self, batch: Batch, texts: list[str]) -> Floats:
        """Probabilities of the texts as they came."""
        del batch
        readable = [text.encode("utf-8", "replace").decode("utf-8") for text in texts]
        encoded = [one.ids for one in self.tokenizer.encode_batch(readable)]
        result = np.zeros((len(texts), 3))
        by_length: dict[int, list[int]] = {}
        for row, ids in enumerate(encoded):
            by_length.setdefault(len(ids), []).append(row)
        for length, rows in sorted(by_length.items()):
            for start in range(0, len(rows), ROWS_AT_ONCE):
                part = rows[start : start + ROWS_AT_ONCE]
                ids = np.array([encoded[row] for row in part], dtype=np.int64).reshape(-1, length)
                result[part] = self._classes_of(self._logits(ids))
        return result

    def _logits(self, ids: np.ndarray[Any, Any]) -> Floats:
        known = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        known["token_type_ids"] = np.zeros_like(ids)
        wanted = {one.name: known[one.name] for one in self.session.get_inputs()}
        return np.asarray(self.session.run(None, wanted)[0], dtype=np.float64)

    def _classes_of(self, logits: Floats) -> Floats:
        result = np.zeros((len(logits), 3))
        for place, shares in enumerate(softmax(logits).T):
            result[:, self.classes[place]] += shares
        return result


@lru_cache(maxsize=2)
def _load(folder: Path) -> OnnxEngine:
    for name in FILES:
        if not (folder / name).is_file():
            raise _broken(f"{folder / name} is missing", f"put {', '.join(FILES)} there")
    try:
        runtime = importlib.import_module("onnxruntime")
        tokenizers = importlib.import_module("tokenizers")
    except ImportError as error:
        raise _broken(
            "the extra `onnx` is not installed", 'pip install "ror-warehouse[onnx]"'
        ) from error
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    model = folder / "model.onnx"
    session = runtime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    digest = hashlib.sha256(b"".join((folder / name).read_bytes() for name in FILES)).hexdigest()
    return OnnxEngine(session, tokenizer, classes_of(folder / "config.json"), digest)


def classes_of(config: Path) -> tuple[int, ...]:
    """The class of each output, by its name in `id2label`; SentimentConfigError if unknown."""
    named = json.loads(config.read_text(encoding="utf-8")).get("id2label", {})
    labels = [str(named[key]).strip().lower() for key in sorted(named, key=int)]
    unknown = [label for label in labels if label not in CLASS_OF]
    if unknown or {CLASS_OF[label] for label in labels} != {0, 1, 2}:
        raise _broken(
            f"id2label of {config.name} names {', '.join(labels) or 'nothing'}",
            "name the outputs negative, neutral, positive",
        )
    return tuple(CLASS_OF[label] for label in labels)


def _broken(why: str, next_step: str) -> SentimentConfigError:
    return SentimentConfigError("sentiment", "engine 'onnx'", why, next_step)
