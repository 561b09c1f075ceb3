"""X: what answers mean, both vocabularies, searches that fit, a refresh token that changes."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.errors import RorError
from pipelines.http import (
    DropField,
    Exchange,
    Fatal,
    Gone,
    Ok,
    QuotaStop,
    RefreshAuth,
    Request,
    Retry,
    Secret,
    SkipItem,
)
from pipelines.http.records import Reply
from pipelines.sources.x_answers import classify, denied_ids
from pipelines.sources.x_dialect import Account, in_new_words, post_row
from pipelines.sources.x_reads import LONGEST_QUERY, queries
from pipelines.sources.x_token import app_token, user_token

ACCOUNT = Account("42", "acme")
LIST = Request("posts", may_lack_rows=True, object_id="42", names_param="post.fields",
               names=("lang", "note_post"))  # fmt: skip
LOOKUP = Request("posts", may_lack_rows=True)
PROBLEMS = "https://api.twitter.com/2/problems"
DATE = {"date": "Wed, 30 Dec 2026 23:59:58 GMT"}


def outcome(request: Request, status: int, payload: Any) -> Any:
    body = json.dumps(payload).encode()
    headers = {"content-type": "application/json; charset=utf-8", **DATE}
    return classify(Exchange(request, Reply(status, headers, body, payload, is_json=True)))


def told(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": f"{PROBLEMS}/{kind}", "title": "T", "detail": "user 7", **more}


def test_classify_when_the_cap_of_the_month_is_reached_then_stop_to_its_end_by_the_servers_clock() -> (
    None
):
    found = outcome(LIST, 429, told("usage-capped"))
    assert isinstance(found, QuotaStop)
    assert found.until == datetime(2027, 1, 1, tzinfo=UTC)
    assert isinstance(outcome(LIST, 429, {"errors": [{"code": 88}]}), Retry)


@pytest.mark.parametrize(
    ("status", "payload", "expected"),
    [
        (401, {"title": "Unauthorized", "type": "about:blank"}, RefreshAuth()),
        (403, told("client-forbidden"), SkipItem("client-forbidden")),
        (403, {"title": "Forbidden", "type": "about:blank"}, SkipItem("forbidden")),
        (200, {"meta": {"result_count": 0}}, Ok()),
        (200, {"meta": {"result_count": 0, "next_token": "t"}}, Ok()),
        (200, {"errors": [told("resource-not-found")]}, Gone(("42",))),
        (
            200, {"errors": [told("not-authorized-for-resource")]},
            SkipItem("not-authorized-for-resource"),
        ),
    ],
)  # fmt: skip
def test_classify_when_a_list_answers_then_the_outcome_of_its_type(
    status: int, payload: Any, expected: Any
) -> None:
    assert outcome(LIST, status, payload) == expected


def test_classify_when_errors_stand_beside_data_then_they_are_kept_without_whom_they_name() -> None:
    error = told("resource-not-found", value="7", resource_id="7", resource_type="user")
    beside = outcome(LIST, 200, {"data": [{"id": "1"}], "errors": [error]})
    kept = {"type": error["type"], "title": "T", "resource_type": "user"}
    assert beside == Ok((kept,))
    assert outcome(LOOKUP, 200, {"errors": [error]}) == Ok((kept,))
    assert denied_ids({"errors": [error, told("not-authorized-for-field", value="8")]}) == {"7"}


@pytest.mark.parametrize(
    "payload",
    [
        {"errors": [{"title": "Down", "type": "about:blank"}]},
        {"errors": [{"title": "Down"}]},
        {"user": {"id": "1"}},
        {},
        [],
    ],
)
def test_classify_when_status_200_is_an_error_or_lacks_data_then_fatal(payload: Any) -> None:
    assert isinstance(outcome(LOOKUP, 200, payload), Fatal)
    assert isinstance(outcome(LIST, 200, payload), Fatal)


def test_classify_when_a_parameter_is_refused_then_the_other_dialect_without_the_field_or_fatal() -> (
    None
):
    def refusal(message: str, **parameters: list[str]) -> dict[str, Any]:
        error = {"parameters": parameters, "message": message}
        return told("invalid-request", errors=[error])

    unknown = refusal("The query parameter [post.fields] is not one of [ids]")
    assert outcome(LIST, 400, unknown) == SkipItem("other_dialect")
    value = refusal("The `post.fields` query parameter value [note_post] is not one of [lang]")
    assert outcome(LIST, 400, value) == DropField("note_post")
    other = outcome(LIST, 400, refusal("no", start_time=["x"]))
    assert isinstance(other, Fatal)
    assert "start_time" in other.why


def test_new_words_when_both_are_there_then_the_new_one_counts_and_a_difference_is_named() -> None:
    assert in_new_words({"repost_count": 3, "retweet_count": 3}) == ({"repost_count": 3}, [])
    assert in_new_words({"repost_count": 3, "retweet_count": 4}) == (
        {"repost_count": 3}, ["repost_count"],
    )  # fmt: skip
    assert in_new_words({"tweet_count": 5}) == ({"post_count": 5}, [])


def test_post_row_when_edited_and_answering_then_first_id_and_references_as_text() -> None:
    big = 2**53 + 1
    row, differing = post_row(
        {
            "id": big + 2, "author_id": "7", "edit_history_tweet_ids": [big, big + 2],
            "referenced_tweets": [{"type": "replied_to", "id": "5"}, {"type": "new", "id": "6"}],
            "entities": {"mentions": [{"username": "Acme"}]},
        },
        ACCOUNT,
    )  # fmt: skip
    assert differing == []
    assert row["first_id"] == str(big)
    assert row["edit_history"] == [str(big), str(big + 2)]
    assert (row["replied_to_id"], row["quoted_id"], row["reposted_id"]) == ("5", None, None)
    assert (row["is_own"], row["is_at_account"]) == (False, True)
    assert post_row({"id": "1", "author_id": 42}, ACCOUNT)[0]["is_own"]
    assert post_row("no object", ACCOUNT) == ("no object", [])


@pytest.mark.parametrize(
    ("answered", "words", "expected"),
    [
        ("42", "Hello", True),  # answers the account
        (None, "Hello @acme", True),
        ("7", "@acme and more", True),  # goes on with its own post
        ("8", "@bob @acme I think so too", False),  # everybody is named by itself
        ("8", "@bob @acme ask @acme then", True),
        ("8", "@bob no", False),
    ],
)
def test_post_row_when_somebody_else_is_answered_then_only_what_is_named_on_purpose_counts(
    answered: str | None, words: str, expected: bool
) -> None:
    places = [n for n in range(len(words)) if words.startswith("@acme", n)]
    mentions = [{"username": "acme", "start": n, "end": n + 5} for n in places]
    post = {"id": "1", "author_id": "7", "in_reply_to_user_id": answered, "text": words}
    row, _ = post_row(post | {"entities": {"mentions": mentions}}, ACCOUNT)
    assert row["is_at_account"] is expected


@given(st.lists(st.integers(10**15, 10**19), unique=True, max_size=80), st.booleans())
def test_queries_when_there_are_many_conversations_then_each_is_searched_once_and_all_fit(
    numbers: list[int], with_mentions: bool
) -> None:
    found = list(queries([str(n) for n in numbers], ACCOUNT, with_mentions=with_mentions))
    assert all(len(query) <= LONGEST_QUERY for query in found)
    assert all(
        query.endswith(") -from:42" + ("" if with_mentions else " -@acme")) for query in found
    )
    terms = [term for query in found for term in query[1 : query.index(")")].split(" OR ")]
    assert terms == [f"conversation_id:{n}" for n in numbers]


def test_user_token_when_the_server_sends_the_next_one_then_the_file_has_it(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first\n")
    provider = user_token("https://api.x.com", str(file), "client", None)
    now = datetime(2026, 1, 1, tzinfo=UTC)
    renewal = provider.renewal(now)
    assert renewal is not None
    assert renewal.link == "https://api.x.com/2/oauth2/token"
    sent = {k: v.reveal() if isinstance(v, Secret) else v for k, v in renewal.form}
    assert sent["refresh_token"] == "first"
    provider.accept({"access_token": "a", "refresh_token": "second", "expires_in": 7200}, now)
    assert file.read_text() == "second"
    assert file.stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["token"]
    assert provider.renewal(now + timedelta(hours=1)) is None
    file.unlink()
    with pytest.raises(RorError, match="holds no token"):
        user_token("https://api.x.com", str(file), "client", None)


def test_app_token_when_nothing_is_set_then_a_line_says_what() -> None:
    with pytest.raises(RorError, match="neither access_token nor consumer_key"):
        app_token("https://api.x.com", None, "key", None)
    renewal = app_token("https://api.x.com", None, "key", "secret").renewal(datetime.now(UTC))
    assert renewal is not None
    assert dict(renewal.form) == {"grant_type": "client_credentials"}
