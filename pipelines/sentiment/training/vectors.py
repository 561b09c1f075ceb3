"""Sentence embeddings of training texts, kept in a file by text hash: they are costly."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.engines.embed import embed

Vectors = npt.NDArray[np.float32]
KEY_BYTES = 16
ROWS_AT_ONCE = 640  # texts between two writes of the file


def vectors_of(texts: Sequence[str], cache: Path) -> Vectors:
    """(n, 384) vectors; those missing in the file are computed and added."""
    known = _read(cache)
    keys = [hashlib.sha256(text.encode("utf-8", "replace")).digest()[:KEY_BYTES] for text in texts]
    missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
    todo = sorted(missing, key=lambda key: len(missing[key]))
    for start in range(0, len(todo), ROWS_AT_ONCE):
        part = todo[start : start + ROWS_AT_ONCE]
        found = embed([missing[key] for key in part])
        known.update(zip(part, found, strict=True))
        _write(cache, known)
    return np.stack([known[key] for key in keys])


def _read(cache: Path) -> dict[bytes, Vectors]:
    if not cache.is_file():
        return {}
    with np.load(cache, allow_pickle=False) as file:
        keys, vectors = file["keys"], file["vectors"]
    return {key.tobytes(): vector for key, vector in zip(keys, vectors, strict=True)}


def _write(cache: Path, known: dict[bytes, Vectors]) -> None:
    keys = np.frombuffer(b"".join(known), dtype=np.uint8).reshape(-1, KEY_BYTES)
    partial = cache.with_suffix(".partial.npz")
    np.savez(partial, keys=keys, vectors=np.stack(list(known.values())))
    partial.replace(cache)
