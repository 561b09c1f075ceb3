"""Sprout Social: what a brand's profiles on all networks posted, heard and answered.

accounts, users, tags, topics ─▶ per profile: posts ─▶ lifetime figures
                                              messages (its own posts among them)
                                              figures per day
cases, week by week;   topics ─▶ messages per day

Loads: one table per list, and `metrics`. A direct connector of the same network wins over what is
told here: posts and messages carry the ids that their network gave them.

Idempotent: a row lands when it differs from the newest landed row of its object, a figure once per
night. Every night reads the last 30 days of posts, messages and days again, and cases that changed.

Run it: `ROR_SOURCES=sprout`, and under `[sources.sprout]` in `.dlt/secrets.toml` an `access_token`,
or `client_id`, `client_secret` and `organization_id` (OAuth).
"""

from __future__ import annotations

from dlt.common.configuration import configspec
from dlt.common.configuration.specs import BaseConfiguration
from dlt.common.typing import TSecretStrValue

from pipelines.contract import ColumnType, PiiKind
from pipelines.errors import ExitCode, RorError
from pipelines.http import (
    Allowance,
    Budget,
    Exchange,
    Limits,
    OAuthToken,
    Origins,
    Outcome,
    Rate,
    Secret,
    Service,
    SkipItem,
    Split,
    StaticToken,
    TokenProvider,
    at,
    default_outcome,
)
from pipelines.sources.spec import Absence, Field, Kind, Resource, Source, metrics_resource
from pipelines.sources.sprout_days import read_days
from pipelines.sources.sprout_reads import (
    probe,
    read_accounts,
    read_cases,
    read_messages,
    read_posts,
    read_tags,
    read_topics,
    read_users,
)
from pipelines.sources.sprout_requests import API, NAME, REREAD

T, TS, B = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.BOOLEAN
IDENTITY = "https://identity.sproutsocial.com/oauth2/84e39c75-d770-45d9-90a9-7b79e3037d2c/v1/token"
BAD_REQUEST = 400
OWN_RATE = Rate(40, 60)  # of 60 a minute that all tools of the account share

LONGEST_WAITING = 45 * 60.0  # seconds: at this pace some 80,000 messages in the first night


@configspec
class SproutConfig(BaseConfiguration):
    """`customer_id`: needed where the token reads several. `history_days`: how far back the first
    night reads. `calls_per_month`: of the 250,000 that all tools of the account share.
    """

    access_token: TSecretStrValue | None = None
    client_id: str = ""
    client_secret: TSecretStrValue | None = None
    organization_id: str = ""
    token_url: str = IDENTITY
    base_url: str = "https://api.sproutsocial.com"
    customer_id: str = ""
    history_days: int = 730
    calls_per_month: int = 100_000


def service(config: SproutConfig) -> Service:
    """How the API is talked to: slowly, since it says nothing of its limits."""
    return Service(
        NAME,
        Origins(config.base_url),
        classify=classify,
        rates={"": OWN_RATE},
        version_header="x-sprout-api-version",
        request_id_header="x-sprout-request-id",
        budget=Budget(per_month=Allowance(calls=config.calls_per_month)),
        limits=Limits(waiting_seconds=LONGEST_WAITING),
    )


def token(config: SproutConfig) -> TokenProvider:
    """An account's token, or OAuth by the client's credentials. Exit 77 without either."""
    if config.access_token:
        return StaticToken(Secret(str(config.access_token)))
    if not config.client_secret:
        why, hint = "neither access_token nor client_secret is set", "set one, then ror doctor"
        raise RorError("settings", "sources.sprout", why, hint, ExitCode.CREDENTIAL)
    return OAuthToken(
        config.token_url, config.client_id, Secret(str(config.client_secret)),
        scope=config.organization_id,
    )  # fmt: skip


def classify(exchange: Exchange) -> Outcome:
    """Errors are texts without a code: only what was asked tells what a refusal may mean."""
    reply, request = exchange.reply, exchange.request
    if reply is not None and reply.status == BAD_REQUEST:
        if request.names and "metric" in str(at(reply.payload, ("error",))).lower():
            return Split()
        if at(request.json, ("page",)) or at(request.json, ("page_cursor",)):
            return SkipItem("the pages moved while they were read")
    return default_outcome(exchange)


def _of(name: str, text: str, *path: str, kind: ColumnType = T, is_required: bool = False) -> Field:
    return Field(name, kind, text, path, is_required)


GUID = _of("guid", "Sprout's id of the message.", is_required=True)
NATIVE_ID = _of("native_id", "Id on its network.")
PROFILE_ID = _of("customer_profile_id", "Sprout's id of the brand's profile.", is_required=True)
NETWORK = _of("network", "Network, lower case.", is_required=True)
SAID = (
    GUID, NATIVE_ID, PROFILE_ID, NETWORK,
    _of("created_at", "When it was written.", "created_time", kind=TS, is_required=True),
    _of("post_category", "POST, COMMENT, DM, REVIEW, ..."),
    _of("post_type", "Kind in Sprout's words."),
    _of("text", "Text."),
    _of("perma_link", "Public address."),
    _of("tag_ids", "Tags, separated by blanks."),
)  # fmt: skip


def _list(name: str, grain: str, key: str, read: object, *fields: Field) -> Resource:
    """A reference list: always complete, so that a missing one has ended."""
    return Resource(
        name, grain, Kind.STATE, (key,), fields, read,  # type: ignore[arg-type]
        absence=Absence.ENDS, has_payload=False,
    )  # fmt: skip


SPROUT = Source(
    name=NAME,
    title="Sprout Social",
    version=API,
    config=SproutConfig,
    service=service,
    token=token,
    probe=probe,
    window=REREAD,
    verified_with="FakeNet, whose replies are checked against a schema from the documentation",
    gives_not=(
        "what was deleted on its network: Sprout goes on showing it",
        "which message answers which: those of one case are one thread, all others stand alone",
        "changes of text later than 30 days, and anything paid for",
        "what people say on X outside the brand's own profiles",
    ),
    resources=(
        _list(
            "accounts", "profile of the brand", "customer_profile_id", read_accounts,
            PROFILE_ID, NETWORK, _of("native_id", "Id on its network.", is_required=True),
            _of("native_name", "Handle on its network."), _of("name", "Name."),
            _of("link", "Public address."),
        ),
        _list(
            "users", "member of staff", "id", read_users,
            _of("id", "Id of the user.", is_required=True),
            Field("email", T, "Address at the brand.", pii=PiiKind.EMAIL),
        ),
        _list(
            "tags", "tag that staff puts on messages", "tag_id", read_tags,
            _of("tag_id", "Id of the tag.", is_required=True), _of("text", "Name."),
            _of("type", "CAMPAIGN or LABEL."), _of("active", "Not archived.", kind=B),
        ),
        _list(
            "topics", "topic that is listened to", "id", read_topics,
            _of("id", "Id of the topic.", is_required=True), _of("name", "Name."),
            _of("topic_type", "Kind in Sprout's words."),
        ),
        Resource(
            "posts", "post of the brand", Kind.STATE, ("guid",), SAID, read_posts,
            has_payload=False,
        ),
        Resource(
            "messages", "message, the brand's own posts included", Kind.STATE, ("guid",),
            (
                *SAID,
                Field(
                    "author", T, "Who wrote it: `network|handle`.", pii=PiiKind.PROFILE,
                    has_own_network=True,
                ),
                Field("author_name", T, "Name shown.", pii=PiiKind.PERSON_NAME),
                _of("is_sent", "By the brand.", "sent", kind=B, is_required=True),
                _of("language_code", "Language."),
                _of("case_id", "Case."),
                _of("agent_id", "User who wrote it."),
            ),
            read_messages, has_payload=False,
        ),
        Resource(
            "cases", "case", Kind.STATE, ("case_id",),
            (
                _of("case_id", "Id of the case.", is_required=True),
                _of("status", "OPEN, IN_PROGRESS, ON_HOLD, CLOSED."),
                _of("type", "Kind."), _of("priority", "Priority."),
                _of("assigned_to", "User who works on it."),
                _of("created_at", "When it was opened.", "created_time", kind=TS),
                _of("updated_at", "When it last changed.", "updated_time", kind=TS),
            ),
            read_cases, has_payload=False,
        ),
        metrics_resource(read_days),
    ),
)  # fmt: skip
