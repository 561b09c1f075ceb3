"""Plain readers of the façades of Mastodon, Stripe, Typeform and LinkedIn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from pipelines.world.fakenet.server import FakeNet
from tests.support.fakenet import MOST_PAGES, Answer, ask

NEXT_LINK = re.compile(r'<([^>]*)>; rel="next"')


def stripe(net: FakeNet, path: str, params: Any = (), **more: Any) -> Answer:
    """With the shop's test key unless another, or None, is given."""
    target = f"/stripe/v1/{path}" + (f"?{urlencode(params)}" if params else "")
    return ask(net, target, **{"token": "sk_test_fake0001", **more})


def stripe_pages(
    net: FakeNet, path: str, params: dict[str, Any], **more: Any
) -> Iterator[list[dict[str, Any]]]:
    """The items of every page: the next one begins behind the last id."""
    after: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        answer = stripe(net, path, params | after, **more)
        assert answer.status == 200, answer.content[:300]
        yield answer.body["data"]
        if not answer.body["has_more"]:
            return
        after = {"starting_after": answer.body["data"][-1]["id"]}
    raise AssertionError("no end of pages")


def typeform(net: FakeNet, path: str, params: Any = (), **more: Any) -> Answer:
    """With the brand's token unless another, or None, is given."""
    target = f"/typeform/{path}" + (f"?{urlencode(params)}" if params else "")
    return ask(net, target, **{"token": "tfp_fake0001", **more})


def typeform_pages(
    net: FakeNet, form: str, params: dict[str, Any], **more: Any
) -> Iterator[list[dict[str, Any]]]:
    """The items of every page, each before the last token; a short page is the end."""
    before: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        answer = typeform(net, f"forms/{form}/responses", params | before, **more)
        assert answer.status == 200, answer.content[:300]
        yield answer.body["items"]
        if len(answer.body["items"]) < params.get("page_size", 25):
            return
        before = {"before": answer.body["items"][-1]["token"]}
    raise AssertionError("no end of pages")


LINKEDIN_HEADERS = {"Linkedin-Version": "202606", "X-Restli-Protocol-Version": "2.0.0"}
ORGANIZATION = "urn%3Ali%3Aorganization%3A7410029"


def linkedin(net: FakeNet, target: str, **more: Any) -> Answer:
    """`target` below `/rest`, as it is to arrive; with token and headers unless others are given."""
    sent = {"token": "li-fake-0001", "headers": LINKEDIN_HEADERS, **more}
    return ask(net, f"/linkedin/rest/{target}", **sent)


def linkedin_pages(
    net: FakeNet, target: str, count: int, **more: Any
) -> Iterator[list[dict[str, Any]]]:
    """The elements of every page; a page shorter than asked is the end."""
    joint = "&" if "?" in target else "?"
    for number in range(MOST_PAGES):
        page = f"{target}{joint}start={number * count}&count={count}"
        answer = linkedin(net, page, **more)
        assert answer.status == 200, answer.content[:300]
        yield answer.body["elements"]
        if len(answer.body["elements"]) < count:
            return
    raise AssertionError("no end of pages")


def mastodon(net: FakeNet, path: str, params: Any = (), **more: Any) -> Answer:
    """With the brand's token unless another, or None, is given."""
    target = f"/mastodon/api/v1/{path}" + (f"?{urlencode(params)}" if params else "")
    return ask(net, target, **{"token": "mastodon-fake-0001", **more})


def next_link(answer: Answer) -> str:
    """The address of the next page; empty without one."""
    found = NEXT_LINK.search(answer.headers.get("Link", ""))
    return found[1] if found else ""


def mastodon_pages(
    net: FakeNet, path: str, params: Any = (), **more: Any
) -> Iterator[list[dict[str, Any]]]:
    """The items of every page, following the header."""
    answer = mastodon(net, path, params, **more)
    for _ in range(MOST_PAGES):
        assert answer.status == 200, answer.content[:300]
        yield answer.body
        url = next_link(answer)
        if not url:
            return
        assert url.startswith(net.origin)
        token = {"token": "mastodon-fake-0001", **more}
        answer = ask(net, url.removeprefix(net.origin), **token)
    raise AssertionError("no end of pages")
