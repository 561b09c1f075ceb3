"""An artefact that is not what it says is refused; packed sums are exact."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pipelines.sentiment.artefact import SHIPPED, load_artefact, write_artefact
from pipelines.sentiment.errors import SentimentConfigError
from pipelines.sentiment.features import packed, unpacked
from pipelines.sentiment.hashing import hash_of, substrings

LARGEST_SHIPPED = 8_000_000  # bytes


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in (SHIPPED, SHIPPED.with_name(SHIPPED.name + ".sha256")):
        shutil.copy(path, tmp_path)
    return tmp_path / SHIPPED.name


def refused(path: Path, why: str) -> None:
    with pytest.raises(SentimentConfigError, match=why) as caught:
        load_artefact(path)
    assert str(path) in caught.value.line()


def test_artefact_when_shipped_then_small_open_and_with_terms():
    header = load_artefact().header
    assert SHIPPED.stat().st_size <= LARGEST_SHIPPED
    assert header["profile"] == "open"
    assert {one["name"] for one in header["training"]} == {"umsab", "seed"}
    assert all(one["licence"] and "NC" not in one["licence"] for one in header["training"])


def test_artefact_when_missing_then_named(tmp_path):
    refused(tmp_path / "none.npz", "no such file")


def test_artefact_when_a_byte_changed_then_refused(copy):
    content = bytearray(copy.read_bytes())
    content[len(content) // 2] ^= 1
    copy.write_bytes(bytes(content))
    refused(copy, "its hash is not the one")


def test_artefact_when_its_hash_is_missing_then_refused(copy):
    copy.with_name(copy.name + ".sha256").unlink()
    refused(copy, "is missing")


def test_artefact_when_cut_short_then_refused(copy):
    _replace(copy, copy.read_bytes()[:10_000])
    refused(copy, "cut short")


def test_artefact_when_it_holds_pickles_then_refused(copy, tmp_path):
    evil = tmp_path / "evil.npz"
    np.savez(evil, header=np.array([{"a": 1}], dtype=object))
    _replace(copy, evil.read_bytes())
    refused(copy, "holds pickles")


def test_artefact_when_made_for_another_normaliser_then_refused(tmp_path):
    path = tmp_path / "old.npz"
    header = load_artefact().header | {"norm_version": 0}
    write_artefact(path, header, {})
    refused(path, "another norm_version")


def test_artefact_when_arrays_are_missing_then_refused(tmp_path):
    path = tmp_path / "hollow.npz"
    write_artefact(path, load_artefact().header, {})
    refused(path, "incomplete")


def test_artefact_when_written_twice_then_same_bytes(tmp_path):
    arrays = {"b": np.arange(5), "a": np.ones(3)}
    first, second = tmp_path / "1.npz", tmp_path / "2.npz"
    assert write_artefact(first, {"x": "ü"}, arrays) == write_artefact(second, {"x": "ü"}, arrays)
    assert first.read_bytes() == second.read_bytes()


def test_packed_sums_when_unpacked_then_exact_to_the_longest_text():
    weights = np.array([[-127, 127], [127, -127], [-1, 0], [5, -3]], dtype=np.int8)
    norms = np.array([63, 63, 1, 0], dtype=np.uint8)
    times = np.array([16_000, 0, 7, 3])
    sums, squares = unpacked(np.array([(packed(weights, norms) * times).sum()]))
    assert sums.tolist() == [[-127 * 16_000 - 7 + 15, 127 * 16_000 - 9]]
    assert squares.tolist() == [63 * 16_000 + 7]


def test_hash_when_a_substring_stands_anywhere_then_the_same():
    sums = substrings(np.array([ord(letter) for letter in "xx мир yy мир"], dtype=np.uint32))
    found = sums.of(np.array([3, 10]), np.array([6, 13]))
    assert found.tolist() == [hash_of("мир")] * 2
    assert sums.grams(3)[3] == hash_of("мир")


def _replace(path: Path, content: bytes) -> None:
    import hashlib

    path.write_bytes(content)
    path.with_name(path.name + ".sha256").write_text(hashlib.sha256(content).hexdigest())
