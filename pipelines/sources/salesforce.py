"""Salesforce: people, firms, deals with their past, cases, campaigns, calls and meetings.

users, stages ─▶ accounts, contacts, leads ─▶ opportunities ─┬─▶ opportunity_history
                                                             └─▶ opportunity_contacts
cases, tasks, events, campaigns, campaign_members;   deleted ids ─▶ asked for once more ─▶ ended

Loads: one table per object. A contact that was merged is in the bin and names the record it was
merged into (`master_record_id`); a lead that was converted names the contact it became.

Idempotent: a row lands when it differs from the newest landed row of its record. Every night reads
what changed since the last complete read, an hour of overlap and the bin included, and the list of
deleted ids; every seventh night, and after two weeks without one, everything.

Run it: `ROR_SOURCES=salesforce`, and under `[sources.salesforce]` in `.dlt/secrets.toml`
`client_id` with `client_secret` (client credentials flow; `base_url` is your My Domain), or with
`private_key` and `username` (JWT bearer flow).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime, timedelta

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import PiiKind
from pipelines.errors import ExitCode, RorError
from pipelines.http import (
    DropField,
    Exchange,
    Fatal,
    OAuthToken,
    Origins,
    Outcome,
    QuotaStop,
    RateSignal,
    RefreshAuth,
    Retry,
    Secret,
    Service,
    SkipItem,
    TokenProvider,
    at,
    default_outcome,
    jwt_assertion,
)
from pipelines.http.throttle import ReadRate
from pipelines.sources.salesforce_fields import CONTACTS, IS_DELETED, OBJECTS, SObject
from pipelines.sources.salesforce_reads import (
    LAG,
    NAME,
    VERSION,
    lost_of,
    probe,
    reader_of,
)
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source

LOGIN = "https://login.salesforce.com"
TOKEN_PATH = "/services/oauth2/token"  # noqa: S105 - a path
INSTANCES = ("my.salesforce.com",)  # where a login may send us
QUOTA_WINDOW = timedelta(days=1)
USAGE = re.compile(r"api-usage=(\d{1,18})/(\d{1,18})")
NO_COLUMN = re.compile(r"No such column '([^']+)'")
ERROR_KEYS = ("errorCode", "message")
CALLS_USED_UP = QuotaStop("the org's calls of 24 hours are used up")
TOO_MANY_AT_ONCE = Retry("too many at once", is_throttle=True)
MEANINGS: dict[str, Outcome] = {
    "INVALID_SESSION_ID": RefreshAuth(),
    "UNSUPPORTED_API_VERSION": Fatal(
        "version", f"{VERSION} is no longer served", "update ror-warehouse"
    ),
    "QUERY_TIMEOUT": Retry("query timeout"),
    "UNABLE_TO_LOCK_ROW": Retry("locked"),
    "INVALID_TYPE": SkipItem("no such object, or no right to it"),
    "INVALID_QUERY_LOCATOR": SkipItem("the pages were lost"),
    "EXCEEDED_ID_LIMIT": SkipItem("too many deleted records"),
}


@configspec
class SalesforceConfig(BaseConfiguration):
    """`base_url`: the org's own address (My Domain); empty: the login says it.

    `social_fields`: network → contact field with the person's handle there. `currency`: of orgs
    with one currency, ISO 4217. `calls_share`: of the org's calls a day, used by everybody, after
    which this source stops, so that other tools can go on.
    """

    client_id: str = None  # type: ignore[assignment]  # dlt: None means required
    client_secret: TSecretStrValue | None = None
    private_key: TSecretStrValue | None = None
    username: str = ""
    login_url: str = LOGIN
    base_url: str = ""
    social_fields: dict[str, str] = field(default_factory=dict)
    currency: str = ""
    calls_share: float = 0.8


def service(config: SalesforceConfig) -> Service:
    """How the API is talked to."""
    if config.base_url:
        origins = Origins(config.base_url)
    else:
        origins = Origins(config.login_url, instance_suffixes=INSTANCES)
    return Service(
        NAME,
        origins,
        classify=classify,
        read_rate=usage_within(config.calls_share),
        request_id_header="x-sfdc-request-id",
    )


def token(config: SalesforceConfig) -> TokenProvider:
    """A signed assertion where there is a key, else the client's credentials. Exit 77 without."""
    url = f"{config.base_url or config.login_url}{TOKEN_PATH}"
    if config.private_key:
        claims = {"iss": config.client_id, "sub": config.username, "aud": config.login_url}
        signed = jwt_assertion(Secret(str(config.private_key)), claims)
        return OAuthToken(url, config.client_id, assertion=signed)
    if not config.client_secret:
        why, hint = "neither client_secret nor private_key is set", "set one, then ror doctor"
        raise RorError("settings", "sources.salesforce", why, hint, ExitCode.CREDENTIAL)
    return OAuthToken(url, config.client_id, Secret(str(config.client_secret)))


def usage_within(share: float) -> ReadRate:
    """A reader of the usage header that takes a share of the org's calls for all of them."""

    def read(headers: Mapping[str, str], now: datetime) -> RateSignal | None:
        found = USAGE.search(headers.get("sforce-limit-info", ""))
        allowed = int(int(found[2]) * share) if found else 0
        if found is None or allowed == 0:
            return None
        left = max(0, allowed - int(found[1]))
        return RateSignal(int(found[1]) / allowed, left, None if left else now + QUOTA_WINDOW)

    return read


def classify(exchange: Exchange) -> Outcome:
    """Errors come as a list with a code each; one code means a full day or a full moment."""
    reply = exchange.reply
    errors = reply.payload if reply is not None and isinstance(reply.payload, list) else []
    code, message = (str(at(errors[0] if errors else None, (key,)) or "") for key in ERROR_KEYS)
    if code == "REQUEST_LIMIT_EXCEEDED":
        return TOO_MANY_AT_ONCE if "Concurrent" in message else CALLS_USED_UP
    if code == "INVALID_FIELD":
        return _without(exchange.request.resource, message)
    return MEANINGS.get(code) or default_outcome(exchange)


def _without(table: str, message: str) -> Outcome:
    """What a refused field means: less of its object, or nothing where the field matters."""
    found = NO_COLUMN.search(message)
    if found is None:
        return Fatal("refused", "a field was refused, but not said which")
    essential = {name for one in OBJECTS if one.table == table for name in one.essential}
    return SkipItem(f"no right to {found[1]}") if found[1] in essential else DropField(found[1])


def _resource(sobject: SObject) -> Resource:
    fields = sobject.fields
    if sobject is CONTACTS:
        text = "Declared profiles: `network|handle`."
        kind = fields[1].type
        profiles = Field(
            "social_profiles", kind, text, pii=PiiKind.PROFILE, is_list=True, has_own_network=True
        )
        fields = (*fields, profiles)
    is_listed_whole = not sobject.has_bin
    return Resource(
        sobject.table, sobject.grain, Kind.STATE, ("id",), fields, reader_of(sobject),
        absence=None if is_listed_whole else Absence.LOOKUP,
        lookup=None if is_listed_whole else lost_of(sobject),
        ended=None if is_listed_whole else IS_DELETED, has_payload=False,
    )  # fmt: skip


SALESFORCE = Source(
    name=NAME,
    title="Salesforce",
    version=VERSION,
    config=SalesforceConfig,
    service=service,
    token=token,
    probe=probe,
    window=LAG,
    verified_with="FakeNet, which the client simple-salesforce reads",
    gives_not=(
        "subjects and texts of cases, tasks and events: about people, so they are not asked for",
        "what the user may not see: a record that was hidden from the user looks like an ended one",
        "changes of computed fields on the same night: they show in the weekly complete read",
        "deletions and merges of more than two weeks before the first night",
    ),
    resources=tuple(_resource(sobject) for sobject in OBJECTS),
)
