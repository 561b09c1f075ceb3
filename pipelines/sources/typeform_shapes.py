"""Typeform's responses as they may land: who answered, and one row per answer, by its type.

Hidden fields are personal unless the settings say otherwise: those that name the person land as
pseudonyms, those that are declared plain as they are, all others not at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pipelines.http import at
from pipelines.sources.values import Json, objects

HASH_NETWORK = "email_sha256"  # stands for a network: one hash is one person wherever it is met
# Of these types the value is personal and has a column of its own, or none.
PERSONAL = frozenset({"email", "phone_number"})


def response(row: Any, config: Any) -> Any:
    """A response without its answers."""
    if not isinstance(row, dict):
        return row
    hidden = row.get("hidden")
    hidden = hidden if isinstance(hidden, dict) else {}
    digest = hidden.get(config.email_hash_field)
    plain = {name: hidden[name] for name in config.plain_fields if hidden.get(name)}
    return {
        "response_id": row.get("response_id") or row.get("token"),
        "landed_at": row.get("landed_at"),
        "submitted_at": row.get("submitted_at"),
        "email": hidden.get(config.email_field) or _answered_email(row),
        "email_hash": f"{HASH_NETWORK}|{digest}" if digest else None,
        "contact_id": hidden.get(config.contact_field),
        "hidden": plain or None,
        "score": at(row, ("calculated", "score")),
    }


def _answered_email(row: Json) -> Any:
    """The first address that was given as an answer."""
    return next((a.get("email") for a in objects(row.get("answers")) if a.get("email")), None)


def answers(row: Any) -> Iterator[Json]:
    """The answers of a response; a value stands under the key that the answer's `type` names."""
    if not isinstance(row, dict):
        return
    for answer in objects(row.get("answers")):
        kind = str(answer.get("type"))
        value = answer.get(kind)
        yield {
            "response_id": row.get("response_id") or row.get("token"),
            "question_id": at(answer, ("field", "id")),
            "type": kind,
            "number": value if kind == "number" else None,
            "text": None if kind in PERSONAL or kind == "number" else _text(value),
            "email": value if kind == "email" else None,
            "phone": value if kind == "phone_number" else None,
        }


def _text(value: Any) -> Any:
    """Text, yes or no, a date or an address as they are; of choices their labels."""
    if not isinstance(value, dict):
        return value
    labels = value.get("labels") or [value.get("label")]
    chosen = [*labels, value.get("other")] if isinstance(labels, list) else []
    return "; ".join(str(label) for label in chosen if label) or None


def questions(form: Json) -> Iterator[Json]:
    """The questions of a form, those inside groups too."""
    for field in _flat(form.get("fields")):
        properties = field.get("properties")
        steps = at(properties, ("steps",))
        least = 1 if at(properties, ("start_at_one",)) or field.get("type") == "rating" else 0
        is_scale = isinstance(steps, int)
        yield {
            "form_id": form.get("id"),
            **{name: field.get(name) for name in ("id", "ref", "type", "title")},
            "scale_min": least if is_scale else None,
            "scale_max": least + steps - 1 if is_scale else None,
        }


def _flat(fields: Any) -> Iterator[Json]:
    for field in objects(fields):
        yield field
        yield from _flat(at(field, ("properties", "fields")))
