from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from pipelines.files.read import FileRefused, used_encoding
from tests.unit.files.reading import make_feed, read_all, read_rows, write

COLUMNS = {"company_id": "a", "name": "b"}
TEXT = "a,b\n1,Привет\n2,ещё — «да»\n"
LATIN = "a,b\n1,Zürich\n2,déjà\n"


@pytest.mark.parametrize(
    ("content", "declared", "fallbacks", "used"),
    [
        (TEXT.encode(), "auto", (), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "auto", (), "utf-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8", (), "utf-8"),
        (TEXT.encode("utf-16"), "auto", (), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16", (), "utf-16"),
        (TEXT.encode("cp1251"), "auto", ("cp1251",), "cp1251"),
        (TEXT.encode("cp1251"), "cp1251", (), "cp1251"),
        (LATIN.encode("cp1252"), "cp1252", (), "cp1252"),
    ],
)
def test_read_file_in_each_encoding_gives_the_text_and_says_which(
    tmp_path: Path, content: bytes, declared: str, fallbacks: tuple[str, ...], used: str
) -> None:
    feed = make_feed(COLUMNS, "companies", encoding=declared, encoding_fallbacks=fallbacks)
    path = write(tmp_path / "a.csv", content)
    expected = ["Zürich", "déjà"] if used == "cp1252" else ["Привет", "ещё — «да»"]
    assert [r["name"] for r in read_rows(feed, path)] == expected
    assert used_encoding(feed, path, path.name) == used


@pytest.mark.parametrize(
    ("content", "declared"),
    [
        (TEXT.encode("cp1251"), "auto"),
        (TEXT.encode("utf-16"), "utf-8"),
        (TEXT.encode("utf-16-le"), "utf-16"),
        (TEXT.encode(), "cp1251"),
        (codecs.BOM_UTF8 + TEXT.encode(), "cp1252"),
        (("a,b\n" + "7,слово\n" * 40).encode("cp1251"), "utf-8"),
    ],
)
def test_read_file_in_another_encoding_than_declared_refuses_it(
    tmp_path: Path, content: bytes, declared: str
) -> None:
    feed = make_feed(COLUMNS, "companies", encoding=declared)
    with pytest.raises(FileRefused) as refused:
        read_all(feed, write(tmp_path / "a.csv", content))
    assert refused.value.reason == "wrong_encoding"


def test_read_file_with_an_encoding_that_does_not_exist_refuses_it(tmp_path: Path) -> None:
    feed = make_feed(COLUMNS, "companies", encoding="klingon")
    with pytest.raises(FileRefused, match="unknown_encoding"):
        read_all(feed, write(tmp_path / "a.csv", TEXT))
