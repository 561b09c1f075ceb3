"""X's search language, as far as this world has words for it.

`(#beans OR from:somebody) -is:reply lang:en "exact words"`: a space means and, and binds tighter
than OR.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from pipelines.world.fakenet.store import Seen
from pipelines.world.fakenet.x_errors import invalid
from pipelines.world.fakenet.x_view import XView

LONGEST = 512
_TOKEN = re.compile(r'\s*(-?"[^"]*"|-?\(|\)|[^\s()"]+)')
Test = Callable[[Seen], bool]


def parse_query(text: str, view: XView) -> Test:
    """A test of posts; Refused with 400 where the query cannot be read or is too long."""
    if not text or len(text) > LONGEST:
        raise _bad(text, f"The `query` query parameter must have 1 to {LONGEST} characters")
    tokens, place = [], 0
    while match := _TOKEN.match(text, place):
        tokens.append(match[1])
        place = match.end()
    if text[place:].strip():
        raise _bad(text, f"no viable alternative at character {place}")
    parser = _Parser(tokens, text, view)
    test = parser.either()
    if parser.tokens:
        raise _bad(text, f"no viable alternative at input '{parser.tokens[0]}'")
    return test


class _Parser:
    def __init__(self, tokens: list[str], text: str, view: XView) -> None:
        self.tokens, self.text, self.view = tokens, text, view

    def either(self) -> Test:
        tests = [self._all()]
        while self.tokens and self.tokens[0] == "OR":
            self.tokens.pop(0)
            tests.append(self._all())
        return lambda post: any(test(post) for test in tests)

    def _all(self) -> Test:
        tests = []
        while self.tokens and self.tokens[0] not in ("OR", ")"):
            tests.append(self._one())
        if not tests:
            raise _bad(self.text, "no viable alternative: a term is missing")
        return lambda post: all(test(post) for test in tests)

    def _one(self) -> Test:
        token = self.tokens.pop(0)
        is_not, token = token.startswith("-") and len(token) > 1, token.removeprefix("-")
        if token == "(":  # noqa: S105  a bracket
            test = self.either()
            if not self.tokens or self.tokens.pop(0) != ")":
                raise _bad(self.text, "missing ')'")
        else:
            test = self._term(token)
        return (lambda post: not test(post)) if is_not else test

    def _term(self, token: str) -> Test:
        view = self.view
        name, colon, value = token.partition(":")
        if token.startswith("#"):
            return lambda post: token.lower() in post.fields["text"].lower().split()
        if token.startswith("@"):
            return lambda post: token[1:].lower() in view.mentioned(post)
        if not colon or token.startswith('"'):
            words = token.strip('"').lower()
            return lambda post: words in post.fields["text"].lower()
        user = view.by_name.get(value.lower().removeprefix("@"))
        user_id = user.record_id if user else value
        tests: dict[str, Test] = {
            "from": lambda post: post.fields["author"] == user_id,
            "to": lambda post: post.fields["reply_user"] == user_id,
            "conversation_id": lambda post: post.fields["conversation"] == value,
            "in_reply_to_tweet_id": lambda post: post.fields["reply_to"] == value,
            "lang": lambda post: post.fields["lang"] == value,
        }
        kinds = {"reply": "reply_to", "quote": "quoted", "retweet": "reposted"}
        if name == "is" and value in kinds:
            return lambda post: bool(post.fields[kinds[value]])
        if name not in tests:
            raise _bad(self.text, f"Reference to invalid operator '{name}'")
        return tests[name]


def _bad(text: str, why: str) -> Exception:
    return invalid(f"There were errors processing your request: {why}", {"query": [text]})
