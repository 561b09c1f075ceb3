"""Reads an answer's body: streamed, inflated under a cap, against a deadline. And parses JSON."""

from __future__ import annotations

import json
import math
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NoReturn

from pipelines.http.limits import Limits

GZIP_OR_ZLIB = 32 + zlib.MAX_WBITS  # zlib tells the two apart by their headers
RAW_DEFLATE = -zlib.MAX_WBITS  # what some servers call deflate
CONTAINERS = frozenset({dict, list})
PIECE_BYTES = 256 * 1024  # most bytes inflated at once, so that the cap is seen in time


class BodyError(Exception):
    """A body that cannot be used. `kind`: truncated, deadline, too_large or encoding."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(kind)


def read_body(
    chunks: Iterable[bytes], encoding: str, deadline: float, monotonic: Callable[[], float],
    limits: Limits,
) -> bytes:  # fmt: skip
    """All bytes of an answer after decompression.

    `chunks`: pieces as they arrive, compressed. `encoding`: the Content-Encoding header. `deadline`
    is in seconds of `monotonic`. Raises BodyError.
    """
    body = bytearray()
    for piece in _inflated(_in_time(chunks, deadline, monotonic), encoding):
        body += piece
        if len(body) > limits.body_bytes:
            raise BodyError("too_large")
    return bytes(body)


def _in_time(
    chunks: Iterable[bytes], deadline: float, monotonic: Callable[[], float]
) -> Iterator[bytes]:
    for chunk in chunks:
        if monotonic() > deadline:
            raise BodyError("deadline")
        yield chunk
    if monotonic() > deadline:  # it was cut off, which may look like its end
        raise BodyError("deadline")


def _inflated(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    match encoding.strip().lower():
        case "" | "identity":
            yield from chunks
        case "gzip" | "x-gzip" | "deflate":
            yield from _unzipped(chunks)
        case _:
            raise BodyError("encoding")


def _unzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    inflater: Any = None
    for chunk in chunks:
        rest = chunk
        while rest:
            try:
                if inflater is None:
                    inflater, piece = _begin(rest)
                elif inflater.eof:  # gzip data may have several members
                    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
                    piece = inflater.decompress(rest, PIECE_BYTES)
                else:
                    piece = inflater.decompress(rest, PIECE_BYTES)
            except zlib.error:
                raise BodyError("truncated") from None
            yield piece
            rest = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            while not inflater.eof and not rest and len(piece) == PIECE_BYTES:
                piece = inflater.decompress(b"", PIECE_BYTES)  # what zlib holds back at the limit
                yield piece
    if inflater is not None and not inflater.eof:
        raise BodyError("truncated")


def _begin(first: bytes) -> tuple[Any, bytes]:
    inflater = zlib.decompressobj(GZIP_OR_ZLIB)
    try:
        return inflater, inflater.decompress(first, PIECE_BYTES)
    except zlib.error:
        inflater = zlib.decompressobj(RAW_DEFLATE)
        return inflater, inflater.decompress(first, PIECE_BYTES)


def parse_json(body: bytes) -> Any:
    """The JSON value of a body, strictly: UTF-8, no NaN or Infinity, no key twice in one object.

    Numbers too large for a double are refused too: they would become Infinity. Raises ValueError.
    """
    try:
        return json.loads(
            body.decode("utf-8-sig"),
            object_pairs_hook=_object,
            parse_constant=_refuse,
            parse_float=_float,
        )
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _float(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is too large")
    return number


def are_too_complex(values: Sequence[Any], limits: Limits) -> bool:
    """Whether any row is nested deeper, or has an object with more keys, than the limits allow.

    A flat object has depth 1. All rows go down together, level by level: most have few levels.
    """
    level, depth = [value for value in values if type(value) in CONTAINERS], 0
    while level:
        depth += 1
        if depth > limits.json_depth:
            return True
        below: list[Any] = []
        for inner in level:
            if type(inner) is dict:
                if len(inner) > limits.json_keys:
                    return True
                below += inner.values()
            else:
                below += inner
        level = [value for value in below if type(value) in CONTAINERS]
    return False
