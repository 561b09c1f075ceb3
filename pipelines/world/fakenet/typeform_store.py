"""Typeform's forms and responses over time; a response that was deleted is simply not there."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

from pipelines.world.fakenet.facade import stable_hex, utc_text
from pipelines.world.fakenet.store import Fate, Record, Store, Version
from pipelines.world.typeform import CHANNELS, Survey, SurveyAnswer, SurveyWorld

FORM, RESPONSE = "form", "response"
NEVER = "0001-01-01T00:00:00Z"  # what a response that was not finished has for its end
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
Json = dict[str, Any]
# Reference, type of the question, title.
QUESTIONS = (
    ("nps", "nps", "How likely are you to recommend us to a friend?"),
    ("csat", "rating", "How happy are you with your last order?"),
    ("ces", "opinion_scale", "How easy was it to get what you wanted?"),
    ("channel", "multiple_choice", "Where did you hear of us?"),
    ("comment", "long_text", "Anything else?"),
    ("again", "yes_no", "Would you buy again?"),
)
SCALES: dict[str, Json] = {
    "nps": {"start_at_one": False, "steps": 11},
    "csat": {"shape": "star", "steps": 5},
    "ces": {"start_at_one": True, "steps": 7},
}


def form_id(seed: int, quarter: str) -> str:
    """The id of a quarter's form."""
    return f"F{stable_hex('form', seed, quarter)[:7]}"


def response_token(seed: int, number: int) -> str:
    """The token of a response, which is also its id."""
    return stable_hex("response", seed, number)[:32]


def email_hash(email: str) -> str:
    """SHA-256 of the address in lower case, as the links of the brand carry it."""
    return hashlib.sha256(email.strip().lower().encode()).hexdigest()


def response_ids(life: SurveyWorld, seed: int) -> dict[str, list[str]]:
    """All responses of a person, whoever the form thinks answered."""
    found: dict[str, list[str]] = defaultdict(list)
    for answer in life.answers:
        found[answer.person_id].append(response_token(seed, answer.number))
    return dict(found)


def typeform_store(life: SurveyWorld, seed: int) -> Store:
    """All forms and responses."""
    store = Store()
    for survey in life.surveys:
        form = _form(survey, seed)
        store.create(FORM, form["id"], form, survey.opens_at)
    for answer in life.answers:
        store.put(_response(answer, seed))
    return store


def _form(survey: Survey, seed: int) -> Json:
    native = form_id(seed, survey.quarter)
    fields = []
    for ref, kind, title in QUESTIONS:
        properties = dict(SCALES.get(ref, {}))
        if ref == "channel":
            properties |= {"allow_multiple_selection": False, "randomize": False,
                           "choices": [_choice(native, name) for name in CHANNELS]}  # fmt: skip
        fields.append({
            "id": _field_id(native, ref), "ref": ref, "title": title, "type": kind,
            "properties": properties, "validations": {"required": ref == "nps"},
        })  # fmt: skip
    created = utc_text(survey.opens_at, 0)
    return {
        "id": native, "type": "quiz", "title": f"Customer survey {survey.quarter}",
        "workspace": {"href": "https://api.typeform.com/workspaces/bean01"},
        "theme": {"href": "https://api.typeform.com/themes/bean01"},
        "settings": {"language": "en", "is_public": True}, "fields": fields,
        "hidden": ["contact_id", "email", "email_hash", "order_id"],
        "_links": {"display": f"https://beanandbond.typeform.com/to/{native}"},
        "created_at": created, "last_updated_at": created,
    }  # fmt: skip


def _field_id(form: str, ref: str) -> str:
    return stable_hex("field", form, ref)[:12]


def _choice(form: str, name: str) -> Json:
    return {"id": stable_hex("choice", form, name)[:12], "ref": name.lower().replace(" ", "-"),
            "label": name}  # fmt: skip


def _response(answer: SurveyAnswer, seed: int) -> Record:
    token, form = response_token(seed, answer.number), form_id(seed, answer.quarter)
    finished = answer.submitted_at
    since = finished or answer.landed_at
    body: Json = {
        "landing_id": token, "token": token, "response_id": token,
        "response_type": "completed" if finished else "partial",
        "landed_at": utc_text(answer.landed_at, 0),
        "submitted_at": utc_text(finished, 0) if finished else NEVER,
        "metadata": {
            "user_agent": BROWSER, "platform": "other", "referer": "https://beanandbond.example/",
            "network_id": stable_hex("network", seed, answer.person_id)[:10], "browser": "default",
        },
        "hidden": _hidden(answer), "calculated": {"score": answer.nps or 0},
        "answers": _answers(answer, form),
        "variables": [{"key": "score", "type": "number", "number": answer.nps or 0}],
    }  # fmt: skip
    fields = {"form": form, "since": since.astimezone(UTC), "body": body}
    fate = Fate.ERASED if answer.deleted_at else None
    version = Version(since, fields, answer.arrived_at)
    return Record(RESPONSE, token, (version,), fate, answer.deleted_at)


def _hidden(answer: SurveyAnswer) -> Json:
    """What the link carried: the order, and one way or none to tell who it is."""
    values = {
        "email": answer.email, "email_hash": email_hash(answer.email),
        "contact_id": answer.contact_id,
    }  # fmt: skip
    known = {answer.known_by: values[answer.known_by]} if answer.known_by else {}
    return {"order_id": answer.order_id} | known


def _answers(answer: SurveyAnswer, form: str) -> list[Json]:
    """Only what was answered, each with the key that its type names."""
    values: dict[str, tuple[str, Any]] = {
        "nps": ("number", answer.nps), "csat": ("number", answer.csat),
        "ces": ("number", answer.ces), "channel": ("choice", answer.channel or None),
        "comment": ("text", answer.comment or None),
        "again": ("boolean", answer.would_buy_again if answer.submitted_at else None),
    }  # fmt: skip
    found = []
    for ref, kind, _ in QUESTIONS:
        name, value = values[ref]
        if value is None:
            continue
        field = {"id": _field_id(form, ref), "ref": ref, "type": kind}
        shown = _choice(form, value) if name == "choice" else value
        found.append({"field": field, "type": name, name: shown})
    return found


def instant_of(text: str) -> datetime | None:
    """A time as queries have it, seconds since the epoch or ISO 8601 in UTC; None: neither."""
    try:
        if text.isascii() and text.isdigit():
            return datetime.fromtimestamp(int(text), UTC)
        instant = datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
