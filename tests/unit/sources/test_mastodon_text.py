"""HTML of statuses as text."""

from __future__ import annotations

from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources.mastodon_text import plain_text

LINK = (
    '<a href="https://shop.example/coffee/beans"><span class="invisible">https://</span>'
    '<span class="ellipsis">shop.example/coffee</span><span class="invisible">/beans</span></a>'
)
MENTION = '<span class="h-card"><a href="https://a.test/@ada">@<span>ada</span></a></span>'


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Hello</p>", "Hello"),
        ("<p>One<br>two<br/>three<br />four</p>", "One\ntwo\nthree\nfour"),
        ("<p>One</p><p>two</p>", "One\n\ntwo"),
        ("<p>a  b\n c</p>", "a b c"),
        ("<p>1 &lt; 2 &amp; &#39;x&#39; &nbsp;</p>", "1 < 2 & 'x' \xa0".strip()),
        (f"<p>{MENTION} look: {LINK}</p>", "@ada look: https://shop.example/coffee/beans"),
        ('<p class="quote-inline">RE: <a href="x">x<br></a></p><p>Yes</p>', "Yes"),
        ("<ul><li>a</li><li>b</li></ul>", "- a\n- b"),
        ("<pre>a\n  b</pre>", "a\n  b".replace("  ", "")),
        ("<p>never closed <b>bold", "never closed bold"),
        ("</p></p>stray<script>alert(1)</script>", "stray"),
        ("<p>a < b</p>", "a < b"),
        ("", ""),
        ("<" * 5000, "<" * 5000),
    ],
)
def test_text_when_html_then_what_a_person_sees(html: str, text: str) -> None:
    assert plain_text(html) == text


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)))
def test_text_when_words_are_escaped_then_they_come_back(words: list[str]) -> None:
    html = "".join(f"<p>{escape(word)}</p>" for word in words)
    assert plain_text(html) == "\n\n".join(words)


def test_text_when_elements_are_nested_deeply_then_read_all_the_same() -> None:
    depth = 20_000
    assert plain_text("<b>" * depth + "deep" + "</b>" * depth) == "deep"
