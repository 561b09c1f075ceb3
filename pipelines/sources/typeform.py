"""Typeform: what people answered when the brand asked.

forms ─▶ questions      forms ─▶ responses, newest first ─▶ answers
                        missing from the weekly complete read ─▶ asked for by id ─▶ ended

Loads: forms, questions, responses that were sent off, and one row per answer. Addresses and phone
numbers, whether a link brought them along or somebody wrote them, land as pseudonyms only; hidden
fields that the settings do not name are left out.

Idempotent: a row lands when it differs from the newest landed row of its object. Late responses
come in behind newer ones: the last 7 days are read again each night, everything every 7 days.

Run it: `ROR_SOURCES=typeform`, and `access_token` (scopes `forms:read`, `responses:read`) under
`[sources.typeform]` in `.dlt/secrets.toml`. Accounts in the EU: `base_url`.
"""

from __future__ import annotations

from dataclasses import field

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.http import Origins, Rate, Secret, Service, StaticToken, TokenProvider
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source
from pipelines.sources.typeform_reads import (
    NAME,
    REREAD,
    lost_responses,
    probe,
    read_forms,
    read_responses,
)

T, TS, D = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.DOUBLE


@configspec
class TypeformConfig(BaseConfiguration):
    """`base_url`: `https://api.eu.typeform.com` or `https://api.typeform.eu` for accounts there.
    `forms`: ids; empty: all. `email_field`, `email_hash_field`, `contact_field`: hidden fields that
    say who answers; `plain_fields`: hidden fields that are not personal.
    """

    access_token: TSecretStrValue = None  # type: ignore[assignment]  # dlt: None means required
    base_url: str = "https://api.typeform.com"
    forms: list[str] = field(default_factory=list)
    email_field: str = "email"
    email_hash_field: str = "email_hash"
    contact_field: str = "contact_id"
    plain_fields: list[str] = field(default_factory=lambda: ["order_id"])


def service(config: TypeformConfig) -> Service:
    """How the API is talked to; it does not say how much of its limit is used."""
    return Service(NAME, Origins(config.base_url), rates={"": Rate(2, 1)})


def token(config: TypeformConfig) -> TokenProvider:
    """A personal access token."""
    return StaticToken(Secret(str(config.access_token)))


FORM_ID = Field("form_id", T, "Form.", (), True)
RESPONSE_ID = Field("response_id", T, "Response.", (), True)
EMAIL = Field("email", T, "E-mail address.", pii=PiiKind.EMAIL)

TYPEFORM = Source(
    name=NAME,
    title="Typeform",
    version="2026 (not numbered)",
    config=TypeformConfig,
    service=service,
    token=token,
    probe=probe,
    window=REREAD,
    verified_with="FakeNet, which a schema of the published documentation describes",
    gives_not=(
        "who was asked and did not answer",
        "responses that were begun and left: they are not read",
        "what was deleted: it is missing from the weekly complete read",
    ),
    resources=(
        Resource(
            "forms", "form", Kind.STATE, ("id",),
            (
                Field("id", T, "Id of the form.", (), True),
                Field("title", T, "Title."),
                Field("language", T, "Language, ISO 639.", ("settings", "language")),
                Field("created_at", TS, "When it was made."),
                Field("last_updated_at", TS, "Last change."),
            ),
            read_forms, absence=Absence.ENDS, has_payload=False,
        ),
        Resource(
            "questions", "question of a form", Kind.STATE, ("form_id", "id"),
            (
                FORM_ID,
                Field("id", T, "Id of the question.", (), True),
                Field("ref", T, "Name that the brand gave it."),
                Field("type", T, "Type of the question."),
                Field("title", T, "What is asked."),
                Field("scale_min", D, "Lowest answer."),
                Field("scale_max", D, "Highest answer."),
            ),
            absence=Absence.ENDS, has_payload=False,
        ),
        Resource(
            "responses", "response that was sent off", Kind.STATE, ("form_id", "response_id"),
            (
                FORM_ID, RESPONSE_ID,
                Field("landed_at", TS, "When the form was opened."),
                Field("submitted_at", TS, "When it was sent off.", (), True),
                EMAIL,
                Field(
                    "email_hash", T, "SHA-256 of the address.", pii=PiiKind.PROFILE,
                    has_own_network=True,
                ),
                Field("contact_id", T, "Contact in the CRM or shop."),
                Field("hidden", T, "JSON object of the hidden fields that are not personal."),
                Field("score", D, "Score that the form worked out."),
            ),
            read_responses, absence=Absence.LOOKUP, lookup=lost_responses, has_payload=False,
        ),
        Resource(
            "answers", "answer", Kind.STATE, ("form_id", "response_id", "question_id"),
            (
                FORM_ID, RESPONSE_ID,
                Field("question_id", T, "Question.", (), True),
                Field("type", T, "Type of the answer.", (), True),
                Field("number", D, "Number, rating or score."),
                Field("text", T, "Text, choices, date, yes or no."),
                EMAIL,
                Field("phone", T, "Phone number.", pii=PiiKind.PHONE),
            ),
            absence=Absence.ENDS, has_payload=False,
        ),
    ),
)  # fmt: skip
