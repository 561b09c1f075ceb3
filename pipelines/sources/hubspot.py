"""HubSpot: people, firms, deals with their past, cases, and who looks after them.

owners, stages ─▶ contacts, companies, tickets ─▶ deals ─┬─▶ deal_changes (stage, amount over time)
                                                         └─▶ deal_contacts, deal_companies

Loads: one table per list. A merge of contacts is told by the winner (`hs_merged_object_ids`); the
loser has ended. What is in the bin is marked as deleted; what was erased for good is missing from
the weekly complete read and denied by id, and ends then.

Idempotent: each content of an object lands once. Every night reads what changed since the last
complete read, 15 minutes of overlap included, and every seventh night everything.

Run it: `ROR_SOURCES=hubspot`, and `access_token` under `[sources.hubspot]` in `.dlt/secrets.toml`
(a private app), or `client_id`, `client_secret` and `refresh_token` (OAuth).
"""

from __future__ import annotations

from dataclasses import field
from datetime import date

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.errors import ExitCode, RorError
from pipelines.http import (
    Exchange,
    Fatal,
    OAuthToken,
    Ok,
    Origins,
    Outcome,
    QuotaStop,
    Rate,
    Retry,
    Secret,
    Service,
    SkipItem,
    StaticToken,
    TokenProvider,
    default_outcome,
)  # fmt: skip
from pipelines.sources.hubspot_reads import (
    LAG,
    NAME,
    VERSION,
    lost_of,
    probe,
    read_companies,
    read_contacts,
    read_deals,
    read_owners,
    read_stages,
    read_tickets,
)  # fmt: skip
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source

T, TS, B = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.BOOLEAN
BAD_TOKEN_STATUS = 530  # what the edge answers to a token that is none
PARTIAL_STATUS = 207


@configspec
class HubSpotConfig(BaseConfiguration):
    """`social_properties`: network → contact property with the person's handle there."""

    access_token: TSecretStrValue | None = None
    client_id: str = ""
    client_secret: TSecretStrValue | None = None
    refresh_token: TSecretStrValue | None = None
    base_url: str = "https://api.hubapi.com"
    social_properties: dict[str, str] = field(default_factory=dict)


def service(config: HubSpotConfig) -> Service:
    """How the API is talked to."""
    return Service(
        NAME,
        Origins(config.base_url),
        classify=classify,
        rates={"": Rate(100, 10), "search": Rate(5, 1)},
        request_id_header="x-hubspot-correlation-id",
    )


def token(config: HubSpotConfig) -> TokenProvider:
    """A private app's token, or OAuth by refresh token. Exit 77 without either."""
    if config.access_token:
        return StaticToken(Secret(str(config.access_token)))
    if not config.refresh_token:
        why, hint = "neither access_token nor refresh_token is set", "set one, then ror doctor"
        raise RorError("settings", "sources.hubspot", why, hint, ExitCode.CREDENTIAL)
    return OAuthToken(
        f"{config.base_url}/oauth/v1/token", config.client_id,
        Secret(str(config.client_secret or "")), Secret(str(config.refresh_token)),
    )  # fmt: skip


def classify(exchange: Exchange) -> Outcome:
    """HubSpot's categories; a batch answer without some of the objects is an answer."""
    reply = exchange.reply
    body = reply.payload if reply is not None and isinstance(reply.payload, dict) else {}
    if reply is not None and reply.status == BAD_TOKEN_STATUS:
        return Fatal("token_refused", "the token is none of HubSpot's")
    if reply is not None and reply.status == PARTIAL_STATUS and "results" in body:
        errors = [e for e in body.get("errors", []) if e.get("category") != "OBJECT_NOT_FOUND"]
        return Ok(tuple(errors))
    match body.get("category"), body.get("policyName"):
        case "MISSING_SCOPES", _:
            return SkipItem("missing_scopes")
        case "RATE_LIMITS", "DAILY":
            return QuotaStop("the daily limit of calls is reached")
        case "RATE_LIMITS", _:
            return Retry("throttled", is_throttle=True)
    return default_outcome(exchange)


def _of(name: str, text: str, kind: ColumnType = T, pii: PiiKind | None = None) -> Field:
    """A property: every value is text there."""
    return Field(name, kind, text, ("properties", name), pii=pii)


ID = Field("id", T, "Id of the object.", (), True)
CREATED_AT = Field("created_at", TS, "When it was created.", ("createdAt",), True)
UPDATED_AT = Field("updated_at", TS, "When it was last changed.", ("updatedAt",), True)
IS_ARCHIVED = Field("is_archived", B, "In the bin.", ("archived",))
OWNER = _of("hubspot_owner_id", "Member of staff who looks after it.")
ASIDE = frozenset({"properties", "url", "archivedAt", "associations", "propertiesWithHistory"})


def _objects(name: str, grain: str, read: object, *fields: Field) -> Resource:
    return Resource(
        name, grain, Kind.VERSION, ("id",), (ID, *fields, OWNER, CREATED_AT, UPDATED_AT),
        read, version_at="updated_at", absence=Absence.LOOKUP, lookup=lost_of(name),  # type: ignore[arg-type]
        ended=IS_ARCHIVED, private=ASIDE,
    )  # fmt: skip


def _members(name: str, grain: str, to: str) -> Resource:
    return Resource(
        name, grain, Kind.STATE, ("deal_id", "to_id"),
        (Field("deal_id", T, "Deal.", (), True), Field("to_id", T, to, (), True)),
        absence=Absence.ENDS, has_payload=False,
    )  # fmt: skip


HUBSPOT = Source(
    name=NAME,
    title="HubSpot",
    version=VERSION,
    config=HubSpotConfig,
    service=service,
    token=token,
    probe=probe,
    window=LAG,
    version_ends={"v1-v3": date(2027, 9, 1), "v4": date(2027, 3, 30)},
    verified_with="FakeNet, which HubSpot's own client reads",
    gives_not=(
        "who was erased: their objects end, nothing of them is named",
        "associations that changed while the deal did not: they show in the weekly complete read",
    ),
    resources=(
        Resource(
            "owners", "member of staff", Kind.STATE, ("id",),
            (
                ID,
                Field("email", T, "Address at the brand.", pii=PiiKind.EMAIL),
                CREATED_AT,
            ),
            read_owners, absence=Absence.ENDS, ended=IS_ARCHIVED, has_payload=False,
        ),
        Resource(
            "stages", "stage of a pipeline of deals", Kind.STATE, ("pipeline_id", "id"),
            (
                Field("pipeline_id", T, "Pipeline.", (), True),
                Field("pipeline_label", T, "Name of the pipeline."),
                ID,
                Field("label", T, "Name of the stage."),
                Field("is_closed", B, "No longer worked on.", ("metadata", "isClosed")),
                Field(
                    "probability", ColumnType.DOUBLE, "Chance to win, 0..1; 1 is won.",
                    ("metadata", "probability"),
                ),
            ),
            read_stages, absence=Absence.ENDS, has_payload=False,
        ),
        _objects(
            "contacts", "person", read_contacts,
            _of("email", "E-mail address.", pii=PiiKind.EMAIL),
            _of("firstname", "Given name.", pii=PiiKind.PERSON_NAME),
            _of("lastname", "Family name.", pii=PiiKind.PERSON_NAME),
            _of("phone", "Phone number.", pii=PiiKind.PHONE),
            _of("country", "Country."),
            _of("hs_language", "Preferred language."),
            _of("lifecyclestage", "Stage in the CRM's own words."),
            _of("hs_email_optout", "Wants no marketing mail.", B),
            _of("associatedcompanyid", "Primary firm."),
            _of("hs_merged_object_ids", "Contacts merged into it, separated by `;`."),
            Field(
                "social_profiles", T, "Declared profiles: `network|handle`.",
                pii=PiiKind.PROFILE, is_list=True, has_own_network=True,
            ),
        ),
        _objects(
            "companies", "firm", read_companies,
            _of("name", "Name."),
            _of("domain", "Web domain."),
            _of("industry", "Industry."),
            _of("numberofemployees", "People who work there."),
        ),
        _objects(
            "tickets", "case", read_tickets,
            _of("subject", "Name."),
            _of("hs_pipeline", "Pipeline."),
            _of("hs_pipeline_stage", "Stage."),
            _of("hs_ticket_category", "Category."),
            _of("hs_ticket_priority", "Priority."),
            _of("source_type", "Where it came from."),
            _of("closed_date", "When it was closed.", TS),
        ),
        _objects(
            "deals", "deal", read_deals,
            _of("dealname", "Name."),
            _of("pipeline", "Pipeline."),
            _of("dealstage", "Stage."),
            _of("amount", "Value in whole units, decimal point."),
            _of("deal_currency_code", "ISO 4217 code."),
            _of("closedate", "Closed, or expected to be.", TS),
        ),
        Resource(
            "deal_changes", "value that a property of a deal took", Kind.OBSERVATION,
            ("deal_id", "property", "changed_at"),
            (
                Field("deal_id", T, "Deal.", (), True),
                Field("property", T, "Property.", (), True),
                Field("changed_at", TS, "From when on.", (), True),
                Field("value", T, "Value."),
            ),
            has_payload=False,
        ),
        _members("deal_contacts", "person of a deal", "Contact."),
        _members("deal_companies", "firm of a deal", "Company."),
    ),
)  # fmt: skip
