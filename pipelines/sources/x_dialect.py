"""X's two vocabularies, and its objects in one form whatever vocabulary they came in.

The machine-readable description says posts and reposts, the prose says tweets and retweets. Both
are understood in answers, the new name first; in requests one of them is spoken.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.http import at
from pipelines.sources.values import Json, objects


@dataclass(frozen=True)
class Dialect:
    """What is said in requests. `fields`: the parameter that names the fields of posts."""

    name: str
    fields: str
    referenced: str
    history: str


POST = Dialect("post", "post.fields", "referenced_posts", "edit_history_post_ids")
TWEET = Dialect("tweet", "tweet.fields", "referenced_tweets", "edit_history_tweet_ids")
DIALECTS = {dialect.name: dialect for dialect in (POST, TWEET)}
FIELD_PARAMETERS = frozenset(dialect.fields for dialect in (POST, TWEET))

PAIRS = {
    "edit_history_post_ids": "edit_history_tweet_ids",
    "referenced_posts": "referenced_tweets",
    "repost_count": "retweet_count",
    "post_count": "tweet_count",
}
LEADING_HANDLES = re.compile(r"(@\w+\s+)*")
REFERENCES = {
    "replied_to": "replied_to_id", "quoted": "quoted_id",
    "retweeted": "reposted_id", "reposted": "reposted_id",
}  # fmt: skip


@dataclass(frozen=True)
class Account:
    """A brand's account. `handle`: without @, in lower case."""

    account_id: str
    handle: str


def other(dialect: Dialect) -> Dialect:
    """The vocabulary that is not this one."""
    return TWEET if dialect is POST else POST


def in_new_words(record: Json) -> tuple[Json, list[str]]:
    """The same record under the new names, and the names of which the old one said otherwise."""
    found, differing = dict(record), []
    for new, old in PAIRS.items():
        if old not in found:
            continue
        value = found.pop(old)
        if new in found and found[new] != value:
            differing.append(new)
        found.setdefault(new, value)
    return found, differing


def metrics_of(record: Json) -> tuple[Json, list[str]]:
    """The public figures of a post or user, under the new names."""
    figures = record.get("public_metrics")
    return in_new_words(figures) if isinstance(figures, dict) else ({}, [])


def post_row(post: Any, account: Account) -> tuple[Any, list[str]]:
    """A post as its row, flat, and the names on which the vocabularies differ.

    An edit makes a new id: the first one is the post's own, `id` the one that it has now.
    What is no object stays as it is, for the quarantine.
    """
    if not isinstance(post, dict):
        return post, []
    row, differing = in_new_words(post)
    figures, more = metrics_of(row)
    history = [text(i) for i in _list(row.pop("edit_history_post_ids", None))]
    row |= dict.fromkeys(REFERENCES.values())
    for reference in _list(row.pop("referenced_posts", None)):
        if isinstance(reference, dict) and reference.get("type") in REFERENCES:
            row[REFERENCES[reference["type"]]] = reference.get("id")
    is_own = text(row.get("author_id")) == account.account_id
    row |= {
        "first_id": history[0] if history else row.get("id"),
        "edit_history": history or None,
        "public_metrics": figures,
        "is_own": is_own,
        "is_at_account": not is_own and _is_at(row, account),
    }
    return row, differing + more


def user_row(user: Any) -> tuple[Any, list[str]]:
    """A user with its figures under the new names, and the names on which they differ."""
    if not isinstance(user, dict):
        return user, []
    figures, differing = metrics_of(user)
    return {**user, "public_metrics": figures}, differing


def text(value: Any) -> Any:
    """An id as text, whether it came as text or as a number."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if is_number else value


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_at(row: Mapping[str, Any], account: Account) -> bool:
    """It answers the account or names it.

    An answer to somebody else begins with everybody in the conversation, by itself: only who is
    named after that is named on purpose.
    """
    answered = text(row.get("in_reply_to_user_id"))
    if answered == account.account_id:
        return True
    is_to_other = answered is not None and answered != text(row.get("author_id"))
    entities = row.get("entities")
    mentions = objects(at(entities, ("mentions",)))
    prefix = LEADING_HANDLES.match(str(row.get("text") or ""))
    begins_at = prefix.end() if prefix and is_to_other else 0
    return any(
        text(mention.get("id")) == account.account_id
        or str(mention.get("username", "")).lower() == account.handle
        for mention in mentions
        if not begins_at or _place(mention) >= begins_at
    )


def _place(mention: Json) -> int:
    start = mention.get("start")
    return start if isinstance(start, int) else 0
