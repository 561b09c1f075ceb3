"""Guards and paginators, over the wire and by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.http import (
    Answer,
    BodyCursor,
    BodyLink,
    LastRow,
    Limits,
    LinkHeader,
    Offset,
    Ok,
    PageGuard,
    Paginator,
    Request,
    SourceFailed,
    SourceStopped,
    next_token,
    pages,
)
from tests.unit.http.server import NOW, Bench, Said, Seen

POSTS = Request("posts", "/posts")
TOKEN = next_token("token", ("next",))


def said(rows: Sequence[Any], cursor: str | None = None) -> Said:
    return Said({"data": list(rows), "next": cursor})


def read(
    bench: Bench, paginator: Paginator = TOKEN, request: Request = POSTS, **limits: Any
) -> list[Any]:
    kernel = bench.kernel()
    guard = PageGuard("x", "posts", Limits(**limits))
    return [row for page in pages(kernel.fetch, request, paginator, guard) for row in page.rows]


@pytest.mark.parametrize(
    ("cursors", "page"),
    [(["a", "a"], 2), (["a", "b", "a"], 3), (["a", "b", "c", "d", "b"], 5)],
)
def test_pages_when_cursor_repeats_then_loop_names_page_and_hash_only(
    bench: Bench, cursors: list[str], page: int
) -> None:
    bench.say(*[said([n], f"cursor-{cursor}@mail") for n, cursor in enumerate(cursors)])
    with pytest.raises(
        SourceFailed, match=rf"page {page} leads back \(cursor [0-9a-f]{{12}}\)"
    ) as e:
        read(bench)
    assert e.value.fault == "cursor_loop"
    assert "@mail" not in str(e.value)
    assert len(bench.seen) == page


def test_pages_when_same_page_comes_three_times_under_new_cursors_then_loop(bench: Bench) -> None:
    bench.say(said([1], "a"), said([2], "b"), said([1], "c"), said([1], "d"), said([9]))
    with pytest.raises(SourceFailed, match=r"page 4 came 3 times"):
        read(bench)


def test_pages_when_empty_page_has_a_cursor_then_it_is_not_the_end(bench: Bench) -> None:
    bench.say(said([1], "a"), said([], "b"), said([], "c"), said([], "d"), said([2]))
    assert read(bench) == [1, 2]


def test_pages_when_too_many_empty_pages_in_a_row_then_fatal(bench: Bench) -> None:
    bench.say(lambda seen: said([], f"c{len(bench.seen)}"))
    with pytest.raises(SourceFailed, match="51 empty pages in a row"):
        read(bench)
    assert len(bench.seen) == 51


def test_pages_when_caps_are_reached_then_partial_after_what_was_read(bench: Bench) -> None:
    bench.say(lambda seen: said([len(bench.seen)], f"c{len(bench.seen)}"))
    guard, found = PageGuard("x", "posts", Limits(pages=3)), []
    listing_pages = pages(bench.kernel().fetch, POSTS, TOKEN, guard)
    with pytest.raises(SourceStopped, match="more than 3 pages"):
        found.extend(page.rows for page in listing_pages)
    assert found == [(1,), (2,), (3,)]
    with pytest.raises(SourceStopped, match="more than 2 rows"):
        read(bench, rows=2)


def test_pages_when_one_is_skipped_then_the_listing_ends_there(bench: Bench) -> None:
    bench.say(said([1], "a"), Said({"error": "no"}, 403))
    assert read(bench) == [1]


def test_body_cursor_when_more_is_absent_then_end_although_a_cursor_is_there(bench: Bench) -> None:
    first = {"data": [1], "paging": {"cursors": {"after": "a"}, "next": "https://x/?token=t"}}
    last = {"data": [2], "paging": {"cursors": {"after": "b"}}}
    bench.say(Said(first), Said(last))
    assert read(bench, BodyCursor(("paging", "cursors", "after"), "after", ("paging", "next"))) == [
        1,
        2,
    ]
    assert bench.server.script.targets == ["/posts", "/posts?after=a"]


def test_next_token_when_followed_then_it_replaces_the_one_before(bench: Bench) -> None:
    bench.say(said([1], "a&b"), said([2], "c"), said([3], ""))
    assert read(bench, request=Request("posts", "/posts", params=(("q", "1"),))) == [1, 2, 3]
    assert bench.server.script.targets == [
        "/posts?q=1",
        "/posts?q=1&token=a%26b",
        "/posts?q=1&token=c",
    ]


def test_last_row_when_there_is_more_then_behind_its_id_to_the_last_page(bench: Bench) -> None:
    bench.say(
        Said({"data": [{"id": "c"}, {"id": "b"}], "has_more": True}),
        Said({"data": [{"id": "a"}], "has_more": False}),
    )
    rows = read(bench, LastRow("x", "starting_after", more=("has_more",)))
    assert [row["id"] for row in rows] == ["c", "b", "a"]
    assert bench.server.script.targets == ["/posts", "/posts?starting_after=b"]


def test_last_row_when_nobody_says_whether_there_is_more_then_an_empty_page_ends(
    bench: Bench,
) -> None:
    bench.say(Said({"data": [{"token": 7}]}), Said({"data": []}))
    assert read(bench, LastRow("x", "before", key="token")) == [{"token": 7}]
    assert bench.server.script.targets == ["/posts", "/posts?before=7"]


@pytest.mark.parametrize("rows", [[], [{"name": "no id"}], [{"id": ""}], ["text"]])
def test_last_row_when_more_is_promised_without_an_id_then_the_list_is_not_at_its_end(
    bench: Bench, rows: list[Any]
) -> None:
    bench.say(Said({"data": rows, "has_more": True}))
    with pytest.raises(SourceFailed, match="no id"):
        read(bench, LastRow("x", "after", more=("has_more",)))


def test_body_link_when_relative_then_followed_to_the_end(bench: Bench) -> None:
    bench.say(Said({"data": [1], "next": "/more/2"}), Said({"data": [2], "next": None}))
    assert read(bench, BodyLink(("next",))) == [1, 2]


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('<https://h/a?max_id=1>; rel="next", <https://h/b>; rel="prev"', "https://h/a?max_id=1"),
        ('<https://h/b>; rel="prev", <https://h/a,b>; title="x"; rel=next', "https://h/a,b"),
        ('<https://h/a>; rel="last next"', "https://h/a"),
        ('<https://h/b>; rel="prev"', None),
        ('<https://h/b>; rel="nextish"', None),
        ("", None),
        ("garbage; rel=next", None),
    ],
)
def test_link_header_when_read_then_the_next_one(header: str, expected: str | None) -> None:
    step = LinkHeader().following(POSTS, Answer(POSTS, Ok(), NOW, headers={"link": header}))
    assert (step[0] if step else None) == expected


def listing(total: int, *, is_told: bool) -> Any:
    def answer(seen: Seen) -> Said:
        query = {k: int(v[0]) for k, v in parse_qs(urlsplit(seen.target).query).items()}
        start = query.get("start", 0)
        rows = list(range(start, min(total, start + query["count"])))
        return Said({"data": rows, "total": total} if is_told else {"data": rows})

    return answer


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize(("total", "requests"), [(0, 1), (9, 1), (10, 1), (11, 2), (25, 3)])
def test_offset_when_counted_then_every_row_once(
    bench: Bench, total: int, requests: int, is_told: bool
) -> None:
    bench.say(listing(total, is_told=is_told))
    request = Request("posts", "/posts", size_param="count", page_size=10)
    paginator = Offset("start", ("total",) if is_told else ())
    assert read(bench, paginator, request) == list(range(total))
    # without a total, a full last page can only be told by the empty one after it
    assert len(bench.seen) == requests + (not is_told and total == 10)


@given(st.lists(st.lists(st.integers(), max_size=3), min_size=1, max_size=12))
def test_pages_when_any_split_into_pages_then_all_rows_or_a_loop_of_equal_pages(
    split: list[list[int]],
) -> None:
    def fetch(request: Request) -> Answer:
        index = int(dict(request.params).get("token", "0"))
        cursor = str(index + 1) if index + 1 < len(split) else None
        return Answer(request, Ok(), NOW, payload={"next": cursor}, rows=tuple(split[index]))

    is_loop = any(split.count(page) >= 3 for page in split if page)
    guard = PageGuard("x", "posts")
    try:
        rows = [row for page in pages(fetch, POSTS, TOKEN, guard) for row in page.rows]
    except SourceFailed:
        assert is_loop
    else:
        assert not is_loop
        assert rows == [row for page in split for row in page]
