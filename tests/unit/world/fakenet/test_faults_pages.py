from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from pipelines.world.fakenet.faults import Fault, Nth, Rule, When
from pipelines.world.fakenet.faults_pages import (
    CursorLoop,
    DuplicateAcrossPages,
    EmptyPage,
    ForeignNext,
    Reordered,
    beyond_double,
    removed,
    renamed,
    restated,
    retyped,
)
from pipelines.world.fakenet.server import FakeNet
from tests.support.fakenet import flat, hubspot, hubspot_pages, search, xrpc_pages

CONTACTS, LIST = "/crm/v3/objects/contacts", "GET /crm/v3/objects/contacts"
FEED = "app.bsky.feed.getAuthorFeed"
BRAND = {"actor": "beanandbond.test"}


def spoil(net: FakeNet, fault: Fault, when: When | None = None, endpoint: str = LIST) -> None:
    facade = "bluesky" if "xrpc" in endpoint else "hubspot"
    net.script.add(
        *([Rule(facade, endpoint, fault, when)] if when else [Rule(facade, endpoint, fault)])
    )


def ids(net: FakeNet, size: int = 7) -> list[str]:
    return [item["id"] for item in flat(hubspot_pages(net, CONTACTS, {"limit": size}))]


def test_foreign_next_when_due_then_the_link_leaves_the_origin_even_from_the_last_page(
    net: FakeNet,
) -> None:
    last = ids(net)[-1]
    spoil(net, ForeignNext())
    for params in ({"limit": 1}, {"limit": 100, "after": last}):
        link = hubspot(net, CONTACTS, params).body["paging"]["next"]["link"]
        assert link.startswith(f"{net.foreign_origin}/")


@pytest.mark.parametrize("length", [1, 2, 3])
def test_cursor_loop_when_followed_then_cursors_repeat_with_that_period(
    net: FakeNet, length: int
) -> None:
    spoil(net, CursorLoop(length))
    seen, after = [], {}
    for _ in range(4 * length):
        paging = hubspot(net, CONTACTS, {"limit": 2} | after).body["paging"]
        after = {"after": paging["next"]["after"]}
        seen.append(after["after"])

    assert len(set(seen)) == length
    assert seen[length:] == seen[:-length]


@pytest.mark.parametrize("first_empty", [1, 3])
def test_empty_page_when_its_cursor_is_followed_then_nothing_is_lost(
    net: FakeNet, first_empty: int
) -> None:
    plain = ids(net)
    spoil(net, EmptyPage(), Nth(first_empty, count=2))
    pages = list(hubspot_pages(net, CONTACTS, {"limit": 7}))

    empty = [number for number, page in enumerate(pages, start=1) if not page]
    assert empty == [first_empty, first_empty + 1]
    assert [item["id"] for page in pages for item in page] == plain


def test_empty_page_when_the_cursor_travels_in_a_body_then_nothing_is_lost(net: FakeNet) -> None:
    def read() -> list[list[str]]:
        pages, body = [], {"limit": 9}
        while True:
            answer = search(net, "contacts", body).body
            pages.append([item["id"] for item in answer["results"]])
            if "paging" not in answer:
                return pages
            body = {"limit": 9, "after": answer["paging"]["next"]["after"]}

    plain = read()
    spoil(net, EmptyPage(), Nth(2), "POST /crm/v3/objects/contacts/search")
    assert read() == [plain[0], [], *plain[1:]]


def test_empty_page_when_the_api_is_bluesky_then_nothing_is_lost(net: FakeNet) -> None:
    plain = flat(xrpc_pages(net, FEED, "feed", BRAND | {"limit": 10}))
    spoil(net, EmptyPage(), Nth(1), f"GET /xrpc/{FEED}")
    pages = list(xrpc_pages(net, FEED, "feed", BRAND | {"limit": 10}))

    assert pages[0] == []
    assert flat(iter(pages)) == plain


def test_duplicate_when_pages_are_read_then_each_begins_with_the_last_of_the_one_before(
    net: FakeNet,
) -> None:
    plain = ids(net)
    spoil(net, DuplicateAcrossPages())
    pages = list(hubspot_pages(net, CONTACTS, {"limit": 7}))

    assert all(before[-1]["id"] == after[0]["id"] for before, after in pairwise(pages))
    assert [item["id"] for n, page in enumerate(pages) for item in page[n > 0 :]] == plain


def test_reordered_when_due_then_the_page_is_backwards(net: FakeNet) -> None:
    plain = ids(net, 100)
    spoil(net, Reordered())
    assert ids(net, 100) == plain[::-1]


def first(net: FakeNet) -> dict[str, Any]:
    found: dict[str, Any] = hubspot(net, CONTACTS, {"limit": 2}).body["results"][0]
    return found


def test_field_when_renamed_then_its_value_has_the_new_name(net: FakeNet) -> None:
    email = first(net)["properties"]["email"]
    spoil(net, renamed("properties.email", "e_mail"))
    assert "email" not in first(net)["properties"]
    assert first(net)["properties"]["e_mail"] == email


def test_field_when_removed_then_it_is_gone_and_the_others_stay(net: FakeNet) -> None:
    before = first(net)
    spoil(net, removed("updatedAt"))
    assert first(net) == {k: v for k, v in before.items() if k != "updatedAt"}


def test_field_when_retyped_then_text_is_a_list_and_a_flag_is_text(net: FakeNet) -> None:
    before = first(net)
    spoil(net, retyped("properties.email"))
    spoil(net, retyped("archived"))
    assert first(net)["properties"]["email"] == [before["properties"]["email"]]
    assert first(net)["archived"] == "false"


def test_count_when_restated_then_it_is_larger_or_smaller(net: FakeNet) -> None:
    def likes() -> list[int]:
        return [i["post"]["likeCount"] for i in flat(xrpc_pages(net, FEED, "feed", BRAND))]

    plain = likes()
    spoil(net, restated("post.likeCount", 0.5), Nth(1, count=100), f"GET /xrpc/{FEED}")
    assert likes() == [int(count / 2) for count in plain]
    assert max(plain) >= 2


def test_ids_when_beyond_double_then_each_is_exact_and_text_stays_text(net: FakeNet) -> None:
    spoil(net, beyond_double("id"))
    found = [item["id"] for item in hubspot(net, CONTACTS, {"limit": 3}).body["results"]]

    assert found == ["9007199254740993", "9007199254740995", "9007199254740997"]
    assert len({float(text) for text in found}) < 3  # what reading them as doubles would do


def test_page_fault_when_the_reply_is_an_error_or_no_page_then_it_passes_untouched(
    net: FakeNet,
) -> None:
    spoil(net, removed("id"), endpoint="*")
    assert hubspot(net, "/crm/v3/objects/contacts/1").status == 404
    assert hubspot(net, CONTACTS, {"limit": 0}).body["category"] == "VALIDATION_ERROR"
    assert hubspot(net, "/crm/v3/owners/80000001").body["id"] == "80000001"


def test_list_without_pages_when_spoiled_then_fields_change_and_no_cursor_appears(
    net: FakeNet,
) -> None:
    known = ids(net)[0]
    path = "/crm/v3/objects/contacts/batch/read"
    spoil(net, removed("archived"), endpoint=f"POST {path}")
    for fault in (ForeignNext(), EmptyPage(), CursorLoop(), DuplicateAcrossPages()):
        spoil(net, fault, endpoint=f"POST {path}")
    answer = hubspot(net, path, method="POST", body={"inputs": [{"id": known}]}).body

    assert [item["id"] for item in answer["results"]] == [known]
    assert "archived" not in answer["results"][0]
    assert "paging" not in answer
