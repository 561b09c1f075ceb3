"""The trained artefact: one `.npz` without pickles, checked by hash and version before use."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.features import CHARACTER_BITS, DENSE_NAMES, WORD_BITS, packed
from pipelines.sentiment.hashing import Indices
from pipelines.sentiment.normalise import NORM_VERSION
from pipelines.sentiment.tables import LANGUAGES, LEX_VERSION

Floats = npt.NDArray[np.float64]
Arrays = dict[str, npt.NDArray[Any]]

FORMAT_VERSION = 1
HEADER = "header"
SHIPPED = Path(__file__).parent / "artefacts" / "open.npz"
HASH_SUFFIX = ".sha256"  # the expected hash lies beside the file
FIXED_TIME = (1980, 1, 1, 0, 0, 0)  # of archive members: same arrays, same bytes
EPOCH_ATTRIBUTES = 0o644 << 16


@dataclass(frozen=True)
class Artefact:
    """What scoring needs. `characters`, `words`: tables of packed weights; `units`: of the
    character weights, their document weights, then the same of words; `dense` (languages + 1,
    features, 3); `bias` (languages + 1, 3); `temperatures` per engine (languages + 1,);
    `ceiling` (languages + 1,): largest probability; `head`: arrays of the embedding's head."""

    digest: str
    header: dict[str, Any]
    characters: Indices
    words: Indices
    units: Floats
    dense: Floats
    bias: Floats
    temperatures: dict[str, Floats]
    ceiling: Floats
    head: Arrays


def load_artefact(path: str | Path | None = None) -> Artefact:
    """The artefact of a file, the shipped one by default; read once a process and version.

    Errors: SentimentConfigError naming the file if it is missing, cut short, of another format or
    normaliser, holds pickles, or is not what the hash beside it says.
    """
    chosen = Path(path) if path is not None else SHIPPED
    try:
        status = chosen.stat()
    except OSError as error:
        raise _broken(chosen, "no such file") from error
    return _load(chosen, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=4)
def _load(path: Path, _modified: int, _size: int) -> Artefact:
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    expected = path.with_name(path.name + HASH_SUFFIX)
    if not expected.is_file():
        raise _broken(path, f"its hash file {expected.name} is missing")
    if expected.read_text(encoding="ascii").split()[:1] != [digest]:
        raise _broken(path, f"its hash is not the one in {expected.name}")
    arrays = _arrays(path, content)
    header = _header(path, arrays)
    try:
        artefact = assembled(digest, header, arrays)
    except (KeyError, IndexError, ValueError) as error:
        raise _broken(path, "its arrays are incomplete") from error
    for array in (artefact.characters, artefact.words, artefact.dense, artefact.bias):
        array.setflags(write=False)
    return artefact


def write_artefact(path: Path, header: dict[str, Any], arrays: Arrays) -> str:
    """Write a file that the same header and arrays always give byte for byte, and its hash beside
    it; returns the hash."""
    buffer = io.BytesIO()
    text = json.dumps(header, sort_keys=True, ensure_ascii=False).encode("utf-8")
    members = {HEADER: np.frombuffer(text, dtype=np.uint8), **arrays}
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(members):
            member = io.BytesIO()
            np.save(member, np.ascontiguousarray(members[name]), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", FIXED_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = EPOCH_ATTRIBUTES
            archive.writestr(entry, member.getvalue())
    content = buffer.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.with_name(path.name + HASH_SUFFIX).write_text(f"{digest}\n", encoding="ascii")
    return digest


def _arrays(path: Path, content: bytes) -> Arrays:
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile, KeyError) as error:
        raise _broken(path, "it is cut short, no .npz, or holds pickles") from error


def _header(path: Path, arrays: Arrays) -> dict[str, Any]:
    try:
        header: dict[str, Any] = json.loads(arrays[HEADER].tobytes())
    except (KeyError, ValueError) as error:
        raise _broken(path, "it has no readable header") from error
    expected = {
        "format_version": FORMAT_VERSION,
        "norm_version": NORM_VERSION,
        "lex_version": LEX_VERSION,
        "languages": list(LANGUAGES),
        "dense_names": list(DENSE_NAMES),
    }
    for name, value in expected.items():
        if header.get(name) != value:
            raise _broken(path, f"it was made for another {name}; train it again")
    return header


def assembled(digest: str, header: dict[str, Any], arrays: Arrays) -> Artefact:
    """The artefact that these arrays make; KeyError when one is missing."""
    engines = ("linear", "embed")
    return Artefact(
        digest=digest,
        header=header,
        characters=_table(arrays, "characters", CHARACTER_BITS),
        words=_table(arrays, "words", WORD_BITS),
        units=arrays["units"].astype(np.float64),
        dense=arrays["dense"].astype(np.float64),
        bias=arrays["bias"].astype(np.float64),
        temperatures={name: arrays[f"temperature_{name}"].astype(np.float64) for name in engines},
        ceiling=arrays["ceiling"].astype(np.float64),
        head={
            name.removeprefix("head_"): array.astype(np.float32)
            for name, array in arrays.items()
            if name.startswith("head_")
        },
    )


def _table(arrays: Arrays, kind: str, bits: int) -> Indices:
    table = np.zeros(1 << bits, dtype=np.int64)
    slots = np.cumsum(arrays[f"{kind}_gaps"].astype(np.int64))
    table[slots] = packed(arrays[f"{kind}_weights"], arrays[f"{kind}_norms"])
    return table


def _broken(path: Path, why: str) -> SentimentConfigError:
    return SentimentConfigError(
        "sentiment", str(path), why, "ror sentiment train, or reinstall the package"
    )
