from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.files import lines
from pipelines.files.delimited import Dialect, parse_exactly, parse_fast, read_delimited
from pipelines.files.feeds import Feed
from pipelines.files.read import FileRefused
from tests.unit.files.reading import make_feed, order_feed, read_all, read_rows, write

HEAD = "id,at,sum,currency,note\n"
TEXT_FEED = make_feed({"company_id": "a", "name": "b"}, "companies")


def _records(feed: Feed, data: bytes, use_fast: bool) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for batch in read_delimited(feed, iter([data]), use_fast):
        columns = [c.to_pylist() for c in batch.columns]
        rows += zip(batch.lines.to_pylist(), *columns, strict=True)
        rows += [(r.line, r.reason, r.payload) for r in batch.refusals]
    return rows


@settings(max_examples=600, deadline=None)
@given(st.text(alphabet='ab",;\r\n 1é', max_size=60), st.sampled_from(['"', "'", ""]))
def test_parse_fast_where_it_gives_records_equals_the_exact_reader(text: str, quote: str) -> None:
    dialect = Dialect(",", quote)
    table = parse_fast(text.encode(), dialect, 2)
    if table is not None:
        exact = parse_exactly(text, dialect)
        fast = [list(r) for r in zip(*(c.to_pylist() for c in table.columns), strict=True)]
        assert exact.rest == ""
        assert (fast, list(range(1, len(fast) + 1))) == (exact.records, exact.starts)


field = st.text(alphabet='ab",;\r\n é', max_size=6)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(field, field), min_size=1, max_size=8), st.booleans())
def test_read_delimited_when_written_with_quotes_gives_the_fields_on_both_paths(
    rows: list[tuple[str, str]], crlf: bool
) -> None:
    end = "\r\n" if crlf else "\n"
    quoted = [[f'"{f.replace(chr(34), chr(34) * 2)}"' for f in row] for row in rows]
    data = ("a,b" + end + "".join(",".join(row) + end for row in quoted)).encode()
    fast, exact = (_records(TEXT_FEED, data, use_fast) for use_fast in (True, False))
    assert fast == exact
    assert [row[1:] for row in exact] == rows
    starts, line = [], 2
    for row in rows:
        starts.append(line)
        line += 1 + sum(f.count("\n") for f in row)
    assert [row[0] for row in exact] == starts


def test_read_delimited_when_records_span_blocks_gives_the_same_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    body = "".join(f'{i},"first {i}\nsecond, ""quoted"" {i}"\n{i}x,plain\n' for i in range(300))
    data = b"a,b\n" + body.encode()
    whole = _records(TEXT_FEED, data, True)
    monkeypatch.setattr(lines.LineBlocks.__init__, "__defaults__", (64,))
    pieces = [data[i : i + 50] for i in range(0, len(data), 50)]
    rows: list[tuple[object, ...]] = []
    for batch in read_delimited(TEXT_FEED, iter(pieces)):
        rows += zip(batch.lines.to_pylist(), *(c.to_pylist() for c in batch.columns), strict=True)
    assert rows == whole
    assert rows[-1] == (900 + 1, "299x", "plain")


def test_read_file_when_cr_stands_alone_keeps_it_as_data(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", b"a,b\r\n1,one\rtwo\r\n2,three\r\n")
    rows = read_rows(TEXT_FEED, path)
    assert [(r["name"], r["_line_number"]) for r in rows] == [("one\rtwo", 2), ("three", 3)]


def test_read_file_when_rows_are_ragged_quarantines_them_with_their_line(tmp_path: Path) -> None:
    body = (
        'o1,2026-01-01,1,EUR,"two\nlines"\no2,2026-01-01,1\n\n'
        "o3,2026-01-01,1,EUR,x,y\no4,2026-01-02,2,EUR,ok\n"
    )
    tables, rejects, batches = read_all(order_feed(), write(tmp_path / "a.csv", HEAD + body))
    assert tables["orders"]["order_id"].to_pylist() == ["o1", "o4"]
    assert tables["orders"]["_line_number"].to_pylist() == [2, 7]
    assert [(r["reason"], r["line_number"], r["action"]) for r in rejects] == [
        ("ragged_row", 4, "rejected"),
        ("ragged_row", 6, "rejected"),
    ]
    assert json.loads(rejects[1]["payload"])["$extra"] == ["y"]
    assert (batches[0].rows_read, batches[0].rejected_records) == (4, 2)


def test_read_file_when_all_quotes_and_commas_are_odd_stores_texts_as_they_are(
    tmp_path: Path,
) -> None:
    body = 'a,b\n1,=cmd()\n2,"+1; \'drop\' ""x"""\n3,{{ jinja }}\n4,\u202eevil\u200b 👩‍👩‍👧\n'
    names = [r["name"] for r in read_rows(TEXT_FEED, write(tmp_path / "a.csv", body))]
    assert names == ["=cmd()", "+1; 'drop' \"x\"", "{{ jinja }}", "\u202eevil\u200b 👩‍👩‍👧"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("id,at,sum,currency,id\n", "duplicate_headers"),
        ("id,at,total,currency\n1,2,3,4\n", "missing_headers"),
        ("id;at;sum;currency\n1;2;3;EUR\n", "wrong_delimiter"),
        ("", "empty_file"),
        (HEAD + 'o1,2026-01-01,1,EUR,"never closed\no2,2026-01-01,1,EUR,x\n', "unclosed_quote"),
        (b"PK\x03\x04abc", "not_text"),
    ],
)
def test_read_file_when_the_file_does_not_fit_refuses_it_whole(
    tmp_path: Path, content: str | bytes, reason: str
) -> None:
    path = write(tmp_path / "a.csv", content)
    with pytest.raises(FileRefused) as refused:
        read_all(order_feed(), path)
    assert refused.value.reason == reason


def test_read_file_when_no_record_has_the_declared_width_names_the_delimiter(
    tmp_path: Path,
) -> None:
    feed = order_feed(headers=("id", "at", "sum", "currency"))
    with pytest.raises(FileRefused, match="wrong_delimiter"):
        read_all(feed, write(tmp_path / "a.csv", "o1;2026-01-01;1;EUR\no2;2026-01-01;1;EUR\n"))


def test_read_file_when_headers_differ_only_in_case_keeps_both(tmp_path: Path) -> None:
    path = write(tmp_path / "a.csv", "a,b,Note,note\n1,x,upper,lower\n")
    row = read_rows(TEXT_FEED, path)[0]
    assert json.loads(row["_payload"]) == {"Note": "upper", "note": "lower"}


def test_read_file_when_lines_precede_the_header_skips_them(tmp_path: Path) -> None:
    feed = make_feed({"company_id": "a", "name": "b"}, "companies", header_row=3)
    rows = read_rows(feed, write(tmp_path / "a.csv", 'report "of" today\n\na,b\n1,x\n'))
    assert [(r["company_id"], r["_line_number"]) for r in rows] == [("1", 4)]


def test_read_file_when_fields_stand_between_blanks_splits_on_runs_of_them(tmp_path: Path) -> None:
    feed = make_feed(
        {"company_id": "a", "name": "b"}, "companies", format="whitespace", headers=("a", "b")
    )
    path = write(tmp_path / "a.txt", b"  1 \t one\r\n\r\n2  two  \nshort\n")
    tables, rejects, _ = read_all(feed, path)
    assert tables["companies"].select(["company_id", "name", "_line_number"]).to_pylist() == [
        {"company_id": "1", "name": "one", "_line_number": 1},
        {"company_id": "2", "name": "two", "_line_number": 3},
    ]
    assert [(r["reason"], r["line_number"]) for r in rejects] == [("ragged_row", 4)]
