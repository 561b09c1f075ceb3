"""The text of a status: HTML read with a parser, as a person sees it, links in full."""

from __future__ import annotations

import re
from html.parser import HTMLParser

PARAGRAPHS = frozenset({"p", "blockquote", "ul", "ol", "pre", "div", "h1", "h2", "h3", "h4"})
HIDDEN = frozenset({"script", "style", "template", "head"})
# A copy of the address of a quoted status, for servers that cannot show quotes.
FALLBACK_CLASS = "quote-inline"
VOID = frozenset({"br", "hr", "img", "wbr", "input", "link", "meta", "source", "area", "col"})
BLANKS = re.compile(r"[ \t\r\n\f]+")
MORE_THAN_ONE_EMPTY_LINE = re.compile(r"\n{3,}")


class _Reader(HTMLParser):
    """Collects text; `hidden_depth`: open elements inside one that is not shown."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.hidden_depth = self.verbatim_depth = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Open an element."""
        classes = next((value or "" for name, value in attrs if name == "class"), "").split()
        if self.hidden_depth or tag in HIDDEN or FALLBACK_CLASS in classes:
            self.hidden_depth += tag not in VOID
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in PARAGRAPHS:
            self.verbatim_depth += tag == "pre"
            self.parts.append("\n\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """`<br/>` is `<br>`; the slash of other elements means nothing."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """Close an element."""
        if self.hidden_depth:
            self.hidden_depth -= tag not in VOID
        elif tag in PARAGRAPHS:
            self.verbatim_depth = max(0, self.verbatim_depth - (tag == "pre"))
            self.parts.append("\n\n")

    def handle_data(self, data: str) -> None:
        """Text between two tags."""
        if not self.hidden_depth:
            self.parts.append(data if self.verbatim_depth else BLANKS.sub(" ", data))


def plain_text(html: str) -> str:
    """Paragraphs with an empty line between them, `<br>` as a line break, entities as characters.

    What is hidden from the eye only (the scheme and the tail of a long address) is part of the
    text. Broken HTML gives what can be read of it.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = "".join(reader.parts).split("\n")
    return MORE_THAN_ONE_EMPTY_LINE.sub(
        "\n\n", "\n".join(line.strip(" ") for line in lines)
    ).strip()
