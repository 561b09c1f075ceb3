"""The canonical contract: every entity a source may feed, as data.

Sources map onto these columns, `raw_<system>` tables are created from them, staging models are
checked against them. A column with a `pii` kind never lands in clear: see `landed_columns`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache

FUTURE_ALLOWANCE = timedelta(days=1)  # clocks of sources run ahead a little, never a day


class ColumnType(StrEnum):
    """Logical type of a contract column; `ARROW` and `DUCKDB` spellings live with their users."""

    TEXT = "text"
    INTEGER = "integer"
    DOUBLE = "double"
    BOOLEAN = "boolean"
    TIMESTAMP = "timestamp"  # an instant, UTC
    DATE = "date"  # a calendar date in the zone that the column's text names
    MONEY = "money"  # integer minor units of the row's `currency`


class PiiKind(StrEnum):
    """Kinds of direct identifiers. All become `<column>_key`; see `pipelines.privacy`."""

    EMAIL = "email"
    PHONE = "phone"
    PROFILE = "profile"  # a network account: native id, handle or profile address
    PERSON_NAME = "person_name"


@dataclass(frozen=True)
class Column:
    """One contract column.

    `is_required`: a row without it is quarantined (`missing_key`).
    `pii`: the value is replaced by a pseudonym before it lands.
    `is_list`: several values, separated by `;` in text files; landed joined by one space.
    `allowed`: closed list of values, else quarantined (`not_allowed`).
    `minimum`: smallest allowed number, else quarantined (`out_of_range`).
    """

    name: str
    type: ColumnType
    text: str
    is_required: bool = False
    pii: PiiKind | None = None
    is_list: bool = False
    allowed: tuple[str, ...] = ()
    minimum: int | None = None


@dataclass(frozen=True)
class Entity:
    """One canonical entity: `key` names the columns that identify a row upstream."""

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The column called `name`; KeyError when the entity has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(f"{self.name}.{name}")


T, INT, D, B = ColumnType.TEXT, ColumnType.INTEGER, ColumnType.DOUBLE, ColumnType.BOOLEAN
TS, DATE, MONEY = ColumnType.TIMESTAMP, ColumnType.DATE, ColumnType.MONEY

MESSAGE_KINDS = (
    "comment", "reply", "mention", "dm", "review", "chat", "email",
    "ticket_comment", "blog_comment",
)  # fmt: skip
POST_KINDS = ("post", "reel", "story", "video", "article", "live", "share", "thread")
REACTION_ACTS = (
    "like", "love", "haha", "wow", "sad", "angry", "share", "repost", "quote", "save",
    "follow", "unfollow", "poll_vote",
)  # fmt: skip
STAGE_CATEGORIES = ("open", "won", "lost")
QUESTION_KINDS = ("nps", "csat", "ces")
SUBSCRIPTION_KINDS = ("start", "renew", "expand", "contract", "cancel")
COST_KINDS = ("ad", "labour", "tool", "exhibition", "gift", "reward")

CURRENCY = Column(
    "currency", T, "ISO 4217 code of the money columns of this row.", is_required=True
)

ENTITIES: tuple[Entity, ...] = (
    Entity(
        "accounts",
        "a brand-owned profile on a network",
        ("network", "account_id"),
        (
            Column("account_id", T, "Native id of the account.", is_required=True),
            Column("network", T, "Network, lower case, as users say it.", is_required=True),
            Column("handle", T, "Public handle of the brand's own account."),
            Column("name", T, "Display name of the account."),
            Column("brand_id", T, "Brand the account belongs to."),
            Column(
                "native_time_zone", T, "IANA zone in which the network counts this account's days."
            ),
        ),
    ),
    Entity(
        "profiles",
        "a person's profile on a network",
        ("network", "profile_id"),
        (
            Column(
                "profile_id", T, "Native id of the profile.", is_required=True, pii=PiiKind.PROFILE
            ),
            Column("network", T, "Network of the profile.", is_required=True),
            Column("handle", T, "Handle of the profile.", pii=PiiKind.PROFILE),
            Column("display_name", T, "Name shown on the profile.", pii=PiiKind.PERSON_NAME),
            Column("email", T, "E-mail address declared on the profile.", pii=PiiKind.EMAIL),
            Column("language", T, "Language of the profile, ISO 639-1."),
            Column("location", T, "Location as the person states it."),
            Column("bio", T, "What the person says about themselves on the profile."),
            Column("follower_count", INT, "Followers of the profile.", minimum=0),
            Column("following_count", INT, "Accounts the profile follows.", minimum=0),
            Column("is_verified", B, "The network verified the profile."),
            Column("is_bot_hint", B, "The source believes the profile is a bot."),
            Column("is_brand_actor", B, "The profile speaks for the brand."),
            Column("updated_at", TS, "When the source last changed the profile."),
        ),
    ),
    Entity(
        "posts",
        "a post",
        ("network", "post_id"),
        (
            Column("post_id", T, "Native id of the post.", is_required=True),
            Column("network", T, "Network of the post.", is_required=True),
            Column("account_id", T, "Brand account that published it; empty for others' posts."),
            Column("author_profile_id", T, "Profile that wrote it.", pii=PiiKind.PROFILE),
            Column("post_kind", T, "Kind of post.", allowed=POST_KINDS),
            Column("published_at", TS, "When it was published."),
            Column("text", T, "Text of the post."),
            Column("language_hint", T, "Language stated by the source, ISO 639-1."),
            Column("url", T, "Public address of the post."),
            Column("campaign", T, "Campaign the brand filed it under."),
            Column("is_paid", B, "Published as an advertisement."),
            Column("is_boosted", B, "Organic post with paid reach."),
            Column("parent_post_id", T, "Native id of the post it shares or continues."),
            Column("updated_at", TS, "When the source last changed the post."),
        ),
    ),
    Entity(
        "messages",
        "a message between people and the brand",
        ("network", "message_id"),
        (
            Column("message_id", T, "Native id of the message.", is_required=True),
            Column("network", T, "Network or channel of the message.", is_required=True),
            Column("message_kind", T, "Kind of message.", is_required=True, allowed=MESSAGE_KINDS),
            Column("thread_id", T, "Native id of the thread or conversation."),
            Column("parent_message_id", T, "Native id of the message it answers."),
            Column("post_id", T, "Native id of the post it stands under."),
            Column("author_profile_id", T, "Profile that wrote it.", pii=PiiKind.PROFILE),
            Column("to_profile_id", T, "Profile it is addressed to.", pii=PiiKind.PROFILE),
            Column("account_id", T, "Brand account that wrote it or is addressed."),
            Column(
                "direction",
                T,
                "inbound: to the brand; outbound: by the brand; peer: between people.",
                is_required=True,
                allowed=("inbound", "outbound", "peer"),
            ),
            Column("is_public", B, "Visible to everybody."),
            Column("is_automated", B, "Sent by a bot or an automatic rule of the brand."),
            Column("agent_id", T, "Member of the brand's staff who wrote it."),
            Column("sent_at", TS, "When it was sent.", is_required=True),
            Column("text", T, "Text of the message."),
            Column("language_hint", T, "Language stated by the source, ISO 639-1."),
            Column("rating", D, "Rating given with a review, in the source's scale."),
            Column("case_id", T, "Native id of the support case."),
            Column("updated_at", TS, "When the source last changed the message."),
        ),
    ),
    Entity(
        "reactions",
        "a reaction of a person",
        ("network", "reaction_id"),
        (
            Column("reaction_id", T, "Native id of the reaction.", is_required=True),
            Column("network", T, "Network of the reaction.", is_required=True),
            Column("act", T, "What was done.", is_required=True, allowed=REACTION_ACTS),
            Column("profile_id", T, "Profile that reacted.", pii=PiiKind.PROFILE),
            Column("account_id", T, "Brand account concerned."),
            Column(
                "target_kind", T, "What was reacted to.", allowed=("post", "message", "account")
            ),
            Column("target_id", T, "Native id of the target."),
            Column("reacted_at", TS, "When it happened.", is_required=True),
        ),
    ),
    Entity(
        "post_metrics",
        "an observation of one metric of a post",
        ("network", "post_id", "metric", "metric_date", "basis"),
        (
            Column("post_id", T, "Native id of the post.", is_required=True),
            Column("network", T, "Network of the post.", is_required=True),
            Column("metric", T, "Metric name.", is_required=True),
            Column(
                "basis",
                T,
                "lifetime: total so far; daily: of metric_date.",
                allowed=("lifetime", "daily"),
            ),
            Column("metric_date", DATE, "Date the value belongs to, in the network's zone."),
            Column("value", D, "Value; empty when the network did not report it."),
            Column("is_organic_only", B, "Paid reach is excluded."),
            Column("observed_at", TS, "When the value was read."),
        ),
    ),
    Entity(
        "account_metrics",
        "an observation of one metric of a brand account",
        ("network", "account_id", "metric", "metric_date", "basis"),
        (
            Column("account_id", T, "Native id of the account.", is_required=True),
            Column("network", T, "Network of the account.", is_required=True),
            Column("metric", T, "Metric name.", is_required=True),
            Column(
                "basis",
                T,
                "stock: as it stood on metric_date; flow: of metric_date alone.",
                allowed=("stock", "flow"),
            ),
            Column("metric_date", DATE, "Date the value belongs to, in the network's zone."),
            Column("value", D, "Value; empty when the network did not report it."),
            Column("observed_at", TS, "When the value was read."),
        ),
    ),
    Entity(
        "contacts",
        "a person in the CRM",
        ("contact_id",),
        (
            Column("contact_id", T, "Native id of the contact.", is_required=True),
            Column("emails", T, "E-mail addresses.", pii=PiiKind.EMAIL, is_list=True),
            Column("phones", T, "Phone numbers, E.164.", pii=PiiKind.PHONE, is_list=True),
            Column("given_name", T, "Given name.", pii=PiiKind.PERSON_NAME),
            Column("family_name", T, "Family name.", pii=PiiKind.PERSON_NAME),
            Column("company_id", T, "Native id of the company."),
            Column("lifecycle_stage", T, "Stage in the CRM's own words."),
            Column("owner_id", T, "Member of staff who owns the contact."),
            Column(
                "social_profiles",
                T,
                "Declared profiles: `network|handle` or profile addresses.",
                pii=PiiKind.PROFILE,
                is_list=True,
            ),
            Column("consent_marketing", B, "Agreed to marketing."),
            Column("country", T, "ISO 3166-1 alpha-2."),
            Column("language", T, "ISO 639-1."),
            Column("created_at", TS, "When the contact was created."),
            Column("updated_at", TS, "When the source last changed the contact."),
        ),
    ),
    Entity(
        "companies",
        "a firm in the CRM",
        ("company_id",),
        (
            Column("company_id", T, "Native id of the company.", is_required=True),
            Column("name", T, "Name of the firm."),
            Column("domain", T, "Web domain."),
            Column("size_band", T, "Size band in the source's words."),
            Column("industry", T, "Industry in the source's words."),
            Column("updated_at", TS, "When the source last changed the company."),
        ),
    ),
    Entity(
        "contact_merges",
        "a merge of two CRM contacts",
        ("loser_id",),
        (
            Column("loser_id", T, "Contact that ended.", is_required=True),
            Column("winner_id", T, "Contact that goes on.", is_required=True),
            Column("merged_at", TS, "When they were merged."),
        ),
    ),
    Entity(
        "deals",
        "a state of a deal",
        ("deal_id",),
        (
            Column("deal_id", T, "Native id of the deal.", is_required=True),
            Column("pipeline", T, "Pipeline in the source's words."),
            Column("stage", T, "Stage in the source's words."),
            Column(
                "stage_category",
                T,
                "Meaning of the stage.",
                is_required=True,
                allowed=STAGE_CATEGORIES,
            ),
            Column("amount_minor", MONEY, "Value of the deal.", minimum=0),
            Column("currency", T, "ISO 4217 code of the amount."),
            Column("created_at", TS, "When the deal was created."),
            Column("close_date", DATE, "Date it was or should be closed, in the brand's zone."),
            Column("owner_id", T, "Member of staff who owns the deal."),
            Column("company_id", T, "Native id of the company."),
            Column("product", T, "Product sold."),
            Column("updated_at", TS, "When the source last changed the deal."),
        ),
    ),
    Entity(
        "deal_contacts",
        "a contact's part in a deal",
        ("deal_id", "contact_id"),
        (
            Column("deal_id", T, "Native id of the deal.", is_required=True),
            Column("contact_id", T, "Native id of the contact.", is_required=True),
            Column("role", T, "Role in the source's words."),
            Column("weight", D, "Share of influence, any positive number.", minimum=0),
        ),
    ),
    Entity(
        "orders",
        "an order",
        ("order_id",),
        (
            Column("order_id", T, "Native id of the order.", is_required=True),
            Column("contact_id", T, "Native id of the buyer in the CRM or shop."),
            Column("email", T, "E-mail address of the buyer.", pii=PiiKind.EMAIL),
            Column("ordered_at", TS, "When it was placed.", is_required=True),
            Column(
                "status",
                T,
                "State of the order.",
                allowed=("placed", "paid", "fulfilled", "cancelled", "test"),
            ),
            Column(
                "gross_minor",
                MONEY,
                "Price of goods before discount, without tax and shipping.",
                is_required=True,
                minimum=0,
            ),
            Column("tax_minor", MONEY, "Tax.", minimum=0),
            Column("shipping_minor", MONEY, "Shipping.", minimum=0),
            Column("discount_minor", MONEY, "Discount, positive.", minimum=0),
            CURRENCY,
            Column("coupon_code", T, "Coupon used."),
            Column("item_count", INT, "Units sold.", minimum=0),
            Column("updated_at", TS, "When the source last changed the order."),
        ),
    ),
    Entity(
        "refunds",
        "a refund of an order",
        ("refund_id",),
        (
            Column("refund_id", T, "Native id of the refund.", is_required=True),
            Column("order_id", T, "Native id of the order.", is_required=True),
            Column("refunded_at", TS, "When it was paid back.", is_required=True),
            Column(
                "amount_minor", MONEY, "Money paid back, positive.", is_required=True, minimum=0
            ),
            CURRENCY,
        ),
    ),
    Entity(
        "subscription_events",
        "a change of a subscription",
        ("subscription_event_id",),
        (
            Column("subscription_event_id", T, "Native id of the change.", is_required=True),
            Column("subscription_id", T, "Native id of the subscription.", is_required=True),
            Column("contact_id", T, "Native id of the buyer in the CRM or shop."),
            Column("email", T, "E-mail address of the buyer.", pii=PiiKind.EMAIL),
            Column(
                "kind",
                T,
                "What the source calls it. Only cancel is taken at its word: what the others"
                " changed is read from the amounts.",
                is_required=True,
                allowed=SUBSCRIPTION_KINDS,
            ),
            Column("changed_at", TS, "When it took effect.", is_required=True),
            Column(
                "mrr_minor",
                MONEY,
                "Recurring price per month after the change, without tax; a twelfth of a year's"
                " price. After a cancel it counts as 0, whatever stands here.",
                is_required=True,
                minimum=0,
            ),
            Column(
                "paid_minor",
                MONEY,
                "Money taken with it, without tax. Only where the payment is not an order too: it"
                " would count twice.",
                minimum=0,
            ),
            CURRENCY,
            Column("updated_at", TS, "When the source last changed the row."),
        ),
    ),
    Entity(
        "clicks",
        "a click or visit",
        ("click_id",),
        (
            Column("click_id", T, "Native id of the click.", is_required=True),
            Column("channel", T, "Channel, as the brand names it.", is_required=True),
            Column("campaign", T, "Campaign."),
            Column(
                "click_kind",
                T,
                "What was touched.",
                allowed=("ad_click", "email_click", "web_visit"),
            ),
            Column(
                "email",
                T,
                "E-mail address of the person, where the link knows it.",
                pii=PiiKind.EMAIL,
            ),
            Column("contact_id", T, "Native id of the contact, where known."),
            Column(
                "profile_id", T, "Profile of the person, as `network|handle`.", pii=PiiKind.PROFILE
            ),
            Column("is_direct", B, "Typed address, no referrer."),
            Column("post_id", T, "Native id of the post that carried the link."),
            Column("clicked_at", TS, "When it happened.", is_required=True),
        ),
    ),
    Entity(
        "costs",
        "a cost",
        ("cost_id",),
        (
            Column("cost_id", T, "Native id of the cost.", is_required=True),
            Column("kind", T, "Kind of cost.", is_required=True, allowed=COST_KINDS),
            Column("channel", T, "Channel the money went to, as the brand names it."),
            Column("account_id", T, "Brand account it was spent on."),
            Column("campaign", T, "Campaign."),
            Column("cost_date", DATE, "Date of the cost in the brand's zone.", is_required=True),
            Column("minutes", D, "Working time.", minimum=0),
            Column("amount_minor", MONEY, "Money spent.", is_required=True, minimum=0),
            CURRENCY,
        ),
    ),
    Entity(
        "referrals",
        "an invitation of one person by another",
        ("referral_id",),
        (
            Column("referral_id", T, "Native id of the referral.", is_required=True),
            Column("referrer_contact_id", T, "Contact who invited, where known."),
            Column("referrer_email", T, "E-mail address of who invited.", pii=PiiKind.EMAIL),
            Column("referee_contact_id", T, "Contact who was invited, where known."),
            Column("referee_email", T, "E-mail address of the invited.", pii=PiiKind.EMAIL),
            Column("channel", T, "How the invitation went, in the source's words."),
            Column("invited_at", TS, "When it was sent.", is_required=True),
            Column("accepted_at", TS, "When the invited person joined."),
            Column("converted_at", TS, "When the invited person bought for the first time."),
            Column("reward_minor", MONEY, "Reward that was granted.", minimum=0),
            Column("currency", T, "ISO 4217 code of the reward."),
        ),
    ),
    Entity(
        "exhibitions",
        "a fair or event at which the brand met people",
        ("exhibition_id",),
        (
            Column("exhibition_id", T, "Native id of the exhibition.", is_required=True),
            Column("name", T, "Name of the exhibition."),
            Column("city", T, "City."),
            Column("starts_on", DATE, "First date, in the brand's zone.", is_required=True),
            Column("ends_on", DATE, "Last date, in the brand's zone."),
            Column("cost_minor", MONEY, "Stand, travel and staff in all.", minimum=0),
            Column("currency", T, "ISO 4217 code of the cost."),
        ),
    ),
    Entity(
        "exhibition_contacts",
        "a person met at an exhibition: a badge scan",
        ("scan_id",),
        (
            Column("scan_id", T, "Native id of the scan.", is_required=True),
            Column("exhibition_id", T, "Native id of the exhibition.", is_required=True),
            Column("contact_id", T, "Native id of the contact, where known."),
            Column("email", T, "E-mail address on the badge.", pii=PiiKind.EMAIL),
            Column("staff_id", T, "Member of staff at the stand."),
            Column("grade", T, "How promising, in the source's words."),
            Column("scanned_at", TS, "When they met.", is_required=True),
            Column("followed_up_at", TS, "When somebody wrote or called afterwards."),
        ),
    ),
    Entity(
        "agents",
        "a member of the brand's staff or one of its bots",
        ("agent_id",),
        (
            Column("agent_id", T, "Native id of the agent.", is_required=True),
            Column("role", T, "Role in the source's words."),
            Column("is_bot", B, "Not a human."),
            Column("active_from", DATE, "First day at work."),
            Column("active_to", DATE, "Last day at work."),
        ),
    ),
    Entity(
        "surveys",
        "a survey",
        ("survey_id",),
        (
            Column("survey_id", T, "Native id of the survey.", is_required=True),
            Column("name", T, "Name of the survey."),
            Column("language", T, "Language of the survey, ISO 639-1."),
            Column("created_at", TS, "When it was made."),
            Column("updated_at", TS, "When the source last changed it."),
        ),
    ),
    Entity(
        "survey_responses",
        "an answer to one question of a survey",
        ("survey_id", "response_id", "question_id"),
        (
            Column("response_id", T, "Native id of the response.", is_required=True),
            Column("survey_id", T, "Native id of the survey.", is_required=True),
            Column(
                "question_id", T, "Native id of the question; empty where a survey asks one thing."
            ),
            Column(
                "question_kind",
                T,
                "What is asked, where it is a known question.",
                allowed=QUESTION_KINDS,
            ),
            Column("question", T, "Words of the question."),
            Column("wave_id", T, "Round of the survey."),
            Column(
                "email",
                T,
                "E-mail address of the person, where the link knows it.",
                pii=PiiKind.EMAIL,
            ),
            Column("contact_id", T, "Native id of the contact, where known."),
            Column(
                "profile_id", T, "Profile of the person, as `network|handle`.", pii=PiiKind.PROFILE
            ),
            Column("order_id", T, "Native id of the order that it is about."),
            Column("sent_at", TS, "When the person was asked."),
            Column("completed_at", TS, "When the response was sent off.", is_required=True),
            Column("score", D, "Number, rating or score."),
            Column("scale_min", D, "Lowest score there is."),
            Column("scale_max", D, "Highest score there is."),
            Column("text", T, "Answer in words."),
            Column("channel", T, "How the person was asked, in the source's words."),
        ),
    ),
)

SYSTEM_COLUMNS: tuple[Column, ...] = (
    Column("_source", T, "System the row came from.", is_required=True),
    Column("_feed", T, "Feed or resource of that system.", is_required=True),
    Column(
        "_native_id", T, "Key of the row upstream: its key columns joined by `|`.", is_required=True
    ),
    Column("_run_id", T, "Run that landed the row.", is_required=True),
    Column("_observed_at", TS, "When the run read the row.", is_required=True),
    Column("_version_at", TS, "Upstream time of this version: orders versions of one key."),
    Column("_ingest_seq", INT, "Grows over everything a source ever landed.", is_required=True),
    Column("_row_hash", T, "Hash of the row's content.", is_required=True),
    Column("_is_deleted", B, "The source said that the object was deleted.", is_required=True),
    Column("_file_hash", T, "SHA-256 of the file that held the row; empty for API sources."),
    Column("_line_number", INT, "Physical line where the row begins; 1-based."),
    Column(
        "_is_text_repaired", B, "Unusable characters were replaced by U+FFFD.", is_required=True
    ),
    Column("_is_text_cut", B, "A text was cut at 256 KiB.", is_required=True),
    Column("_payload", T, "JSON object of the columns that the contract does not know."),
)


@cache
def entity(name: str) -> Entity:
    """The entity called `name`; KeyError lists the known names."""
    for candidate in ENTITIES:
        if candidate.name == name:
            return candidate
    raise KeyError(f"unknown entity {name!r}; known: {', '.join(e.name for e in ENTITIES)}")


def pii_columns(column: Column) -> tuple[Column, ...]:
    """What lands instead of a personal column: its pseudonym and, where a human needs it, a mask.

    A list column lands as keys joined by one space. Profiles have no mask: the key says it all.
    """
    key = Column(f"{column.name}_key", T, f"Pseudonym. {column.text}", column.is_required)
    if column.pii is PiiKind.PROFILE:
        return (key,)
    return (key, Column(f"{column.name}_masked", T, f"First letter and shape only. {column.text}"))


@cache
def landed_columns(name: str) -> tuple[Column, ...]:
    """Columns of `raw_<system>.<name>`: system columns, then contract columns, pseudonymised."""
    landed: list[Column] = list(SYSTEM_COLUMNS)
    for column in entity(name).columns:
        landed.extend(pii_columns(column) if column.pii else (column,))
    return tuple(landed)
