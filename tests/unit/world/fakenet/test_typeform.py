from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pipelines.world.fakenet.faults import Rule
from pipelines.world.fakenet.faults_pages import DuplicateAcrossPages
from pipelines.world.fakenet.network import fake_net
from pipelines.world.fakenet.server import FakeNet
from pipelines.world.fakenet.typeform_store import form_id, instant_of, response_token
from pipelines.world.parameters import WorldParameters
from pipelines.world.typeform import SurveyWorld, build_typeform, quarter_of
from pipelines.world.world import World, build_world
from tests.support.fakenet import Answer, ask, flat, oracle
from tests.support.list_apis import typeform, typeform_pages


@pytest.fixture(scope="module")
def town() -> World:
    """Two quarters and enough answers for late and deleted ones."""
    return build_world(WorldParameters(people=250, weeks=20))


@pytest.fixture(scope="module")
def life(town: World) -> SurveyWorld:
    return build_typeform(town)


@pytest.fixture
def desk(town: World) -> Iterator[FakeNet]:
    """With a client that keeps within two requests a second."""
    with fake_net(town, tick=timedelta(milliseconds=500)) as running:
        yield running


@pytest.fixture
def form(desk: FakeNet) -> str:
    """The form with most responses."""
    counts = oracle(desk, "typeform")["responses_of"]
    return str(max(counts, key=counts.get))


def error(answer: Answer) -> tuple[int, str, str | None]:
    details = answer.body.get("details", [{}])
    return answer.status, answer.body["code"], details[0].get("field")


@pytest.mark.parametrize("size", [1, 25, 1_000])
def test_responses_when_paged_by_token_then_each_comes_once_newest_first(
    desk: FakeNet, form: str, size: int
) -> None:
    found = flat(typeform_pages(desk, form, {"page_size": size}))
    times = [item["submitted_at"] for item in found]

    assert len({item["token"] for item in found}) == len(found)
    assert len(found) == oracle(desk, "typeform")["responses_of"][form] > 30
    assert times == sorted(times, reverse=True)


def test_forms_when_listed_then_one_per_quarter_and_each_tells_its_questions(
    desk: FakeNet, town: World
) -> None:
    listed = typeform(desk, "forms", {"page_size": 200}).body
    assert listed["total_items"] == len(listed["items"]) == oracle(desk, "typeform")["forms"] == 2
    assert [item["title"] for item in listed["items"]] == [
        "Customer survey 2026-Q2", "Customer survey 2026-Q1",
    ]  # fmt: skip
    second = typeform(desk, "forms", {"page_size": 1, "page": 2}).body
    assert (second["page_count"], second["items"]) == (2, listed["items"][1:])
    whole = typeform(desk, f"forms/{listed['items'][0]['id']}").body
    assert [f["ref"] for f in whole["fields"]] == [
        "nps", "csat", "ces", "channel", "comment", "again",
    ]  # fmt: skip


def test_answers_when_read_then_they_are_the_worlds_and_skipped_ones_are_absent(
    desk: FakeNet, form: str, life: SurveyWorld, town: World
) -> None:
    truth = {response_token(town.parameters.seed, a.number): a for a in life.answers}
    skipped = 0
    for item in flat(typeform_pages(desk, form, {"page_size": 1_000})):
        answer = truth[item["token"]]
        given = {a["field"]["ref"]: a[a["type"]] for a in item["answers"]}
        assert (given["nps"], given.get("csat"), given.get("ces")) == (
            answer.nps, answer.csat, answer.ces,
        )  # fmt: skip
        assert given.get("comment", "") == answer.comment
        assert given["channel"]["label"] == answer.channel
        assert item["calculated"]["score"] == answer.nps
        assert datetime.fromisoformat(item["submitted_at"]) == answer.submitted_at
        skipped += "csat" not in given
    assert skipped > 0


def test_hidden_when_read_then_it_tells_who_in_one_way_or_in_none(
    desk: FakeNet, form: str, life: SurveyWorld, town: World
) -> None:
    truth = {response_token(town.parameters.seed, a.number): a for a in life.answers}
    seen: set[str] = set()
    for item in flat(typeform_pages(desk, form, {"page_size": 1_000})):
        answer, hidden = truth[item["token"]], dict(item["hidden"])
        assert hidden.pop("order_id") == answer.order_id
        seen |= set(hidden) or {""}
        if "email_hash" in hidden:
            lower = answer.email.lower().encode()
            assert hidden["email_hash"] == hashlib.sha256(lower).hexdigest()
        if "email" in hidden:
            assert hidden["email"] == answer.email
    assert seen == {"email", "email_hash", "contact_id", ""}


def test_people_when_asked_of_the_oracle_then_each_response_has_its_true_person(
    desk: FakeNet, life: SurveyWorld
) -> None:
    people = ask(desk, "/_fake/oracle").body["people"]
    linked = {token for row in people for token in row["typeform"] or ()}
    assert len(linked) == len(life.answers)


def test_window_when_both_ends_are_responses_then_both_belong_to_it(
    desk: FakeNet, form: str
) -> None:
    every = flat(typeform_pages(desk, form, {"page_size": 1_000}))
    newest, oldest = every[3]["submitted_at"], every[9]["submitted_at"]
    texts = {"since": oldest.removesuffix("Z"), "until": newest.removesuffix("Z")}
    seconds = {name: int(datetime.fromisoformat(text).timestamp())
               for name, text in (("since", oldest), ("until", newest))}  # fmt: skip

    for params in (texts, seconds):
        body = typeform(desk, f"forms/{form}/responses", params).body
        assert [i["token"] for i in body["items"]] == [i["token"] for i in every[3:10]]
        assert body["total_items"] == 7


def test_after_when_a_token_is_given_then_the_oldest_newer_ones_come_first(
    desk: FakeNet, form: str
) -> None:
    every = flat(typeform_pages(desk, form, {"page_size": 1_000}))
    params = {"after": every[9]["token"], "page_size": 4}
    body = typeform(desk, f"forms/{form}/responses", params).body
    assert [i["token"] for i in body["items"]] == [i["token"] for i in every[8:4:-1]]
    rising = typeform(desk, f"forms/{form}/responses", {"sort": "submitted_at,asc"}).body
    assert rising["items"][0]["token"] == every[-1]["token"]


def test_partial_when_asked_for_then_they_have_no_end_and_one_answer(
    desk: FakeNet, form: str
) -> None:
    partial = typeform(desk, f"forms/{form}/responses", {"response_type": "partial"}).body["items"]
    assert len(partial) > 3
    assert {i["submitted_at"] for i in partial} == {"0001-01-01T00:00:00Z"}
    assert {tuple(a["field"]["ref"] for a in i["answers"]) for i in partial} == {("nps",)}


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({"page_size": 1_001}, "page_size"),
        ({"page_size": 0}, "page_size"),
        ({"page_size": "all"}, "page_size"),
        ({"since": "2026-01-01T00:00:00", "before": "TOKEN"}, "before"),
        ({"until": "2026-01-01T00:00:00", "after": "TOKEN"}, "after"),
        ({"before": "TOKEN", "after": "TOKEN"}, "after"),
        ({"before": "TOKEN", "sort": "submitted_at,desc"}, "sort"),
        ({"sort": "score"}, "sort"),
        ({"before": "none"}, "before"),
        ({"since": "yesterday"}, "since"),
        ({"response_type": "deleted"}, "response_type"),
    ],
)
def test_parameter_when_wrong_or_excluded_by_another_then_400_names_it(
    desk: FakeNet, form: str, params: dict[str, Any], field: str
) -> None:
    first = typeform(desk, f"forms/{form}/responses", {"page_size": 1}).body["items"][0]
    sent = {k: first["token"] if v == "TOKEN" else v for k, v in params.items()}
    answer = typeform(desk, f"forms/{form}/responses", sent)
    assert error(answer) == (400, "VALIDATION_ERROR", field)


def test_parameter_when_unknown_then_ignored(desk: FakeNet, form: str) -> None:
    assert typeform(desk, f"forms/{form}/responses", {"colour": "red"}).status == 200


def test_deleted_when_a_response_is_gone_then_nothing_tells(desk: FakeNet, form: str) -> None:
    every = flat(typeform_pages(desk, form, {"page_size": 1_000}))
    gone = every[5]["token"]
    now = desk.clock.now().astimezone(UTC)
    desk.facades["typeform"].store.erase("response", gone, now)
    body = typeform(desk, f"forms/{form}/responses", {"page_size": 1_000}).body

    assert gone not in {i["token"] for i in body["items"]}
    assert body["total_items"] == len(every) - 1
    then = typeform(desk, f"forms/{form}/responses", now=now - timedelta(seconds=1)).body
    assert then["total_items"] == len(every)


def test_late_when_a_response_arrives_days_after_its_end_then_it_lies_in_the_past(
    desk: FakeNet, life: SurveyWorld, town: World
) -> None:
    end = town.parameters.as_of
    late = next(a for a in life.answers if a.arrived_at and a.arrived_at < end and not a.deleted_at)
    assert late.arrived_at is not None
    token = response_token(town.parameters.seed, late.number)
    form = form_id(town.parameters.seed, late.quarter)

    def shown(now: datetime) -> set[str]:
        return {i["token"] for i in flat(typeform_pages(desk, form, {"page_size": 1_000}, now=now))}

    assert late.submitted_at is not None
    assert late.arrived_at - late.submitted_at >= timedelta(hours=12)
    assert token not in shown(late.arrived_at - timedelta(minutes=1))
    assert token in shown(late.arrived_at)


def test_quarter_when_an_answer_comes_after_it_then_it_belongs_to_the_old_form(
    life: SurveyWorld,
) -> None:
    after = [a for a in life.answers if a.submitted_at and quarter_of(a.submitted_at) != a.quarter]
    assert {a.quarter for a in after} == {"2026-Q1"}


def test_token_when_missing_wrong_ended_or_narrow_then_refused(desk: FakeNet, form: str) -> None:
    path = f"forms/{form}/responses"
    for token in (None, "tfp_guess"):
        assert error(typeform(desk, path, token=token)) == (401, "AUTHENTICATION_FAILED", None)
    desk.facades["typeform"].tokens.add("tfp_forms", ["forms:read"])  # type: ignore[attr-defined]
    assert typeform(desk, f"forms/{form}", token="tfp_forms").status == 200
    assert error(typeform(desk, path, token="tfp_forms")) == (403, "FORBIDDEN", None)
    desk.facades["typeform"].expire_tokens(desk.clock.now().astimezone(UTC))
    assert error(typeform(desk, path)) == (401, "AUTHENTICATION_FAILED", None)


def test_form_when_unknown_then_404(desk: FakeNet) -> None:
    assert error(typeform(desk, "forms/none/responses")) == (404, "FORM_NOT_FOUND", None)
    assert error(typeform(desk, "workspaces")) == (404, "NOT_FOUND", None)


def test_rate_when_the_third_request_of_a_second_comes_then_429_without_a_hint(
    town: World,
) -> None:
    with fake_net(town) as still:
        answers = [typeform(still, "me") for _ in range(3)]
        assert [a.status for a in answers] == [200, 200, 429]
        assert error(answers[2]) == (429, "TOO_MANY_REQUESTS", None)
        assert "Retry-After" not in answers[2].headers
        still.advance(1 / 3600)
        assert typeform(still, "me").body["alias"] == "beanandbond"


def test_duplicates_when_injected_then_the_last_of_a_page_comes_again(
    desk: FakeNet, form: str
) -> None:
    plain = [i["token"] for i in flat(typeform_pages(desk, form, {"page_size": 10}))]
    desk.script.add(Rule("typeform", "GET */responses", DuplicateAcrossPages()))
    first = typeform(desk, f"forms/{form}/responses", {"page_size": 10}).body["items"]
    params = {"page_size": 10, "before": first[-1]["token"]}
    second = typeform(desk, f"forms/{form}/responses", params).body["items"]
    assert [i["token"] for i in (*first, *second)] == [*plain[:10], plain[9], *plain[10:20]]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-01T10:00:05", datetime(2026, 3, 1, 10, 0, 5, tzinfo=UTC)),
        ("2026-03-01T10:00:05Z", datetime(2026, 3, 1, 10, 0, 5, tzinfo=UTC)),
        ("0", datetime(1970, 1, 1, tzinfo=UTC)),
        ("9" * 30, None),
        ("noon", None),
    ],
)
def test_instant_when_text_is_one_then_utc(text: str, instant: datetime | None) -> None:
    assert instant_of(text) == instant
