"""Typeform, read night after night from the simulated network."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from pipelines.sources import typeform_reads
from pipelines.sources.hubspot import HUBSPOT
from pipelines.sources.typeform import TYPEFORM
from pipelines.world.fakenet.faults import ExpireTokens
from pipelines.world.fakenet.faults_pages import DuplicateAcrossPages
from pipelines.world.fakenet.faults_wire import (
    RESET_FORMS,
    Drop,
    Empty,
    ForeignRedirect,
    GzipBomb,
    Html,
    Oversized,
    RateExhausted,
    Trickle,
    Truncate,
)
from pipelines.world.fakenet.faults_wire import Status as Answers
from pipelines.world.fakenet.store import Seen
from pipelines.world.fakenet.typeform import TOKEN, Typeform
from tests.contract.cases import Case, OpenHome, Passing, Renamed, Staying
from tests.contract.suite import ContractSuite, files_with
from tests.support.apis import ApiHome

RESPONSES, FORMS, FORM = "GET /forms/*/responses", "GET /forms", "GET /forms/F???????"
WEEK = timedelta(days=7)
SAME = {"token": "t", "response_id": "t", "submitted_at": "2026-06-01T00:00:00Z", "answers": []}


def facade(home: ApiHome) -> Typeform:
    found = home.net.facades["typeform"]
    assert isinstance(found, Typeform)
    return found


def completed(home: ApiHome) -> Seen:
    """A response that was sent off."""
    live = facade(home).store.live("response", home.clock.now())
    return next(s for s in live if s.fields["body"]["response_type"] == "completed")


def delete(home: ApiHome) -> Mapping[str, set[str]]:
    """The newest response and the oldest, with their answers."""
    rows = home.newest("responses", "submitted_at, response_id, _native_id")
    ended = {rows[0][1]: rows[0][2], rows[-1][1]: rows[-1][2]}
    for response_id in ended:
        facade(home).store.erase("response", response_id, home.clock.now())
    answers = home.newest("answers", "_native_id, response_id")
    return {
        "responses": set(ended.values()), "answers": {row[0] for row in answers if row[1] in ended},
    }  # fmt: skip


def personal(home: ApiHome) -> set[str]:
    """What the hidden fields tell about people, and the hashes of their addresses."""
    found = facade(home).store.live("response", home.clock.now())
    hidden = [seen.fields["body"]["hidden"] for seen in found]
    return {value for one in hidden for key, value in one.items() if key.startswith("email")}


def new_token(home: ApiHome) -> None:
    for grant in facade(home).tokens.grants.values():
        grant.expires_at = None


def refusal(status: int, code: str) -> Answers:
    return Answers(status, {"code": code, "description": "no"})


CASE = Case(
    source=TYPEFORM,
    facade="typeform",
    oracle={
        ("forms", "true"): lambda e: e["forms"],
        ("responses", "true"): lambda e: e["responses"],
        ("questions", "true"): lambda e: 6 * e["forms"],
    },
    size=(typeform_reads, "PAGE_SIZE"),
    sizes=(1,),
    small=3,
    nights=(3, 4, 10),
    whole_after=WEEK,
    delete=delete,
    passing={f"throttled: {form}": Passing(RESPONSES, RateExhausted(form)) for form in RESET_FORMS
             if form != "far_ahead"}
    | {
        "connection dropped": Passing(RESPONSES, Drop()),
        "body cut off": Passing(RESPONSES, Truncate(200)),
        "maintenance page": Passing(RESPONSES, Html(), 2),
        "empty 202": Passing(RESPONSES, Empty(), 2),
        "server error": Passing(FORMS, Answers(502), 3),
        "slow drip": Passing(FORM, Trickle(20, 1.0)),
        "duplicate across pages": Passing(RESPONSES, DuplicateAcrossPages(), 50),
    },
    staying={
        "token expired mid-page": Staying(RESPONSES, ExpireTokens(), "refused", 3, new_token),
        "permission missing": Staying(
            RESPONSES, refusal(403, "FORBIDDEN"), "responses: forbidden"
        ),
        "form is gone": Staying(FORM, refusal(404, "FORM_NOT_FOUND"), "a form is not there"),
        "error with status 200": Staying(RESPONSES, refusal(200, "INTERNAL"), "no items", 2),
        "refused": Staying(RESPONSES, refusal(400, "VALIDATION_ERROR"), "status 400", 2),
        "cursor loop": Staying(
            RESPONSES, Answers(200, {"items": [SAME], "total_items": 9, "page_count": 9}),
            "leads back", 2,
        ),
        "maintenance page that stays": Staying(RESPONSES, Html(), "no JSON", 2),
        "throttled for days": Staying(RESPONSES, RateExhausted("far_ahead"), "a wait of", 2),
        "redirect to another host": Staying(RESPONSES, ForeignRedirect(), "foreign origin", 2),
        "oversized page": Staying(RESPONSES, Oversized(70_000_000), "larger", 2),
        "bomb": Staying(RESPONSES, GzipBomb(400_000_000), "larger", 2),
        "everything refused": Staying(
            "GET *", refusal(401, "AUTHENTICATION_FAILED"), "refused", is_all=True
        ),
    },
    renamed=Renamed(RESPONSES, "submitted_at", "responses", "forms"),
    large_ids=None,
    secrets=(TOKEN,),
    personal=personal,
    free_texts=frozenset({"text"}),
    run_always=frozenset({"slow drip", "error with status 200"}),
    other=HUBSPOT,
)  # fmt: skip


class TestTypeform(ContractSuite):
    case = CASE


def test_night_when_people_write_addresses_and_numbers_then_only_the_vault_can_be_read(
    opened: OpenHome,
) -> None:
    """In answers of every kind, and in hidden fields that nobody declared."""
    home = opened()
    store = facade(home).store
    seen = completed(home)
    canaries = ("canary.ann@example.org", "+390612345678", "canary-secret-coupon")
    given: list[dict[str, Any]] = [
        {"field": {"id": "q_mail", "type": "email"}, "type": "email", "email": canaries[0]},
        {"field": {"id": "q_tel"}, "type": "phone_number", "phone_number": canaries[1]},
        {"field": {"id": "q_many"}, "type": "choices", "choices": {"labels": ["a", "b"]}},
        {"field": {"id": "q_new"}, "type": "new_kind", "new_kind": {"label": None}},
    ]
    body = seen.fields["body"] | {"answers": given, "hidden": {"coupon": canaries[2]}}
    store.change("response", seen.record_id, {"body": body}, home.clock.now())
    home.night()
    rows = home.newest(
        "answers", "question_id, text, email_masked, phone_masked",
        f"response_id = '{seen.record_id}'",
    )  # fmt: skip
    assert rows == [
        ("q_mail", None, "c***@e***.org", None), ("q_many", "a; b", None, None),
        ("q_new", None, None, None), ("q_tel", None, None, "***78"),
    ]  # fmt: skip
    found = home.newest("responses", "email_masked, hidden", f"response_id = '{seen.record_id}'")
    assert found == [("c***@e***.org", None)]
    vault = home.settings.vault_file
    assert [f for f in files_with(home, canaries) if not f.name.startswith(vault.name)] == []


def test_night_when_a_response_arrives_late_then_it_lands_behind_newer_ones(
    opened: OpenHome,
) -> None:
    home = opened()
    home.night()
    store, now = facade(home).store, home.clock.now()
    seen = completed(home)
    since = now - timedelta(days=5)
    body = seen.fields["body"] | {
        "token": "late", "response_id": "late", "submitted_at": since.isoformat(), "hidden": {},
        "answers": [],
    }  # fmt: skip
    fields = {"form": seen.fields["form"], "since": since, "body": body}
    store.create("response", "late", fields, now + timedelta(hours=1))
    home.clock.sleep(86_400)
    assert home.night().rows == {"responses": 1}
    assert ("late",) in home.newest("responses", "response_id")
