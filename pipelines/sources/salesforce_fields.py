"""What is read of each object of Salesforce, and where it lands.

Fields that only some orgs have, or that a user may not see, are refused by name. `essential` ones
are worth more than the object's night: without them it is not read, and what landed stays.
"""

from __future__ import annotations

from dataclasses import dataclass

from pipelines.contract import ColumnType, PiiKind
from pipelines.sources.spec import Field

T, TS, B = ColumnType.TEXT, ColumnType.TIMESTAMP, ColumnType.BOOLEAN
INT, DATE = ColumnType.INTEGER, ColumnType.DATE
# Of some orgs only: several currencies, accounts that are people, countries from a list.
OF_SOME_ORGS = frozenset(
    {"CurrencyIsoCode", "IsPersonAccount", "MailingCountryCode", "CountryCode"}
)


def _of(name: str, path: str, text: str, kind: ColumnType = T, pii: PiiKind | None = None) -> Field:
    return Field(name, kind, text, (path,), pii=pii)


def _required(name: str, path: str, text: str, kind: ColumnType = T) -> Field:
    return Field(name, kind, text, (path,), True)


ID = _required("id", "Id", "Id of the record, 18 characters; case counts.")
CREATED_AT = _required("created_at", "CreatedDate", "When it was created.", TS)
UPDATED_AT = _required("updated_at", "SystemModstamp", "When anything last changed it.", TS)
IS_DELETED = Field("is_deleted", B, "In the bin, or merged into another record.", ("IsDeleted",))
OWNER = _of("owner_id", "OwnerId", "User who looks after it.")
MASTER = _of("master_record_id", "MasterRecordId", "Record that it was merged into.")
CURRENCY = _of("currency", "CurrencyIsoCode", "ISO 4217 code; else the org's own.")
ACTIVITY = (
    _of("who_id", "WhoId", "Contact or lead."),
    _of("what_id", "WhatId", "What it is about: opportunity, account, case."),
    OWNER,
)
PERSON = (
    _of("email", "Email", "E-mail address.", pii=PiiKind.EMAIL),
    _of("given_name", "FirstName", "Given name.", pii=PiiKind.PERSON_NAME),
    _of("family_name", "LastName", "Family name.", pii=PiiKind.PERSON_NAME),
    _of("phone", "Phone", "Phone number.", pii=PiiKind.PHONE),
    _of("mobile_phone", "MobilePhone", "Mobile number.", pii=PiiKind.PHONE),
    _of("lead_source", "LeadSource", "Where the person came from."),
    _of("has_opted_out", "HasOptedOutOfEmail", "Wants no marketing mail.", B),
    OWNER,
    MASTER,
)


@dataclass(frozen=True)
class SObject:
    """One object: the table it lands in, its name there, what is read of it.

    `essential`: vendor's names without which nothing of it may land.
    """

    table: str
    name: str
    grain: str
    own: tuple[Field, ...]
    essential: frozenset[str] = frozenset()
    has_bin: bool = True

    @property
    def fields(self) -> tuple[Field, ...]:
        """All columns."""
        return (ID, *self.own, CREATED_AT, UPDATED_AT)

    @property
    def always(self) -> tuple[str, ...]:
        """Vendor's names that every query asks for."""
        return ("Id", "CreatedDate", "SystemModstamp", *(("IsDeleted",) if self.has_bin else ()))

    @property
    def names(self) -> tuple[str, ...]:
        """Vendor's names of the other columns."""
        return tuple(field.path[0] for field in self.own)


CONTACTS = SObject(
    "contacts", "Contact", "person",
    (
        *PERSON,
        _of("account_id", "AccountId", "Firm."),
        _of("country", "MailingCountry", "Country as somebody wrote it."),
        _of("country_code", "MailingCountryCode", "ISO 3166-1 alpha-2."),
    ),
    frozenset({"Email", "AccountId", "MasterRecordId"}),
)  # fmt: skip
OBJECTS: tuple[SObject, ...] = (
    SObject(
        "users", "User", "user of the org",
        (
            _of("email", "Email", "Address at the brand.", pii=PiiKind.EMAIL),
            _of("is_active", "IsActive", "May log in.", B),
        ),
        has_bin=False,
    ),
    SObject(
        "stages", "OpportunityStage", "stage of opportunities",
        (
            _required("api_name", "ApiName", "Name that opportunities carry."),
            _of("label", "MasterLabel", "Name that people see."),
            _required("is_closed", "IsClosed", "No longer worked on.", B),
            _required("is_won", "IsWon", "Means won.", B),
            _of("is_active", "IsActive", "May still be chosen.", B),
        ),
        frozenset({"ApiName", "IsClosed", "IsWon"}),
        has_bin=False,
    ),
    SObject(
        "accounts", "Account", "firm",
        (
            _of("name", "Name", "Name; of accounts that are people: none."),
            _of("website", "Website", "Address on the web."),
            _of("industry", "Industry", "Industry."),
            _of("employee_count", "NumberOfEmployees", "People who work there.", INT),
            _of("country", "BillingCountry", "Country."),
            _of("is_person", "IsPersonAccount", "A person, who is a contact as well.", B),
            OWNER,
            MASTER,
        ),
    ),
    CONTACTS,
    SObject(
        "leads", "Lead", "person who is no contact yet",
        (
            *PERSON,
            _of("country", "Country", "Country as somebody wrote it."),
            _of("country_code", "CountryCode", "ISO 3166-1 alpha-2."),
            _of("status", "Status", "Status in the org's words."),
            _of("is_converted", "IsConverted", "Became a contact.", B),
            _of("converted_date", "ConvertedDate", "When, in the org's zone.", DATE),
            _of("converted_contact_id", "ConvertedContactId", "Contact it became."),
            _of("converted_account_id", "ConvertedAccountId", "Firm it became."),
            _of("converted_opportunity_id", "ConvertedOpportunityId", "Deal it became."),
        ),
        frozenset({"Email", "MasterRecordId", "ConvertedContactId"}),
    ),
    SObject(
        "opportunities", "Opportunity", "deal",
        (
            _of("name", "Name", "Name."),
            _of("account_id", "AccountId", "Firm."),
            _of("stage", "StageName", "Stage."),
            _of("is_closed", "IsClosed", "No longer worked on.", B),
            _of("is_won", "IsWon", "Won.", B),
            _of("amount", "Amount", "Value in whole units, decimal point."),
            CURRENCY,
            _of("close_date", "CloseDate", "Closed, or expected to be.", DATE),
            _of("type", "Type", "Kind of business."),
            _of("campaign_id", "CampaignId", "Campaign that it is put down to."),
            OWNER,
        ),
        frozenset({"AccountId", "StageName", "IsClosed", "IsWon", "Amount"}),
    ),
    SObject(
        "opportunity_history", "OpportunityHistory",
        "moment at which stage, amount, probability or close date of a deal changed",
        (
            _required("opportunity_id", "OpportunityId", "Deal."),
            _of("stage", "StageName", "Stage from then on."),
            _of("amount", "Amount", "Value from then on, in whole units."),
            CURRENCY,
            _of("close_date", "CloseDate", "Close date from then on.", DATE),
        ),
        frozenset({"OpportunityId", "StageName", "Amount"}),
    ),
    SObject(
        "opportunity_contacts", "OpportunityContactRole", "person's part in a deal",
        (
            _required("opportunity_id", "OpportunityId", "Deal."),
            _required("contact_id", "ContactId", "Contact."),
            _of("role", "Role", "Role in the org's words."),
            _of("is_primary", "IsPrimary", "First person to talk to.", B),
        ),
        frozenset({"OpportunityId", "ContactId"}),
    ),
    SObject(
        "cases", "Case", "case",
        (
            _of("case_number", "CaseNumber", "Number that people see."),
            _of("contact_id", "ContactId", "Person."),
            _of("account_id", "AccountId", "Firm."),
            _of("status", "Status", "Status in the org's words."),
            _of("origin", "Origin", "Where it came from."),
            _of("priority", "Priority", "Priority."),
            _of("is_closed", "IsClosed", "Done.", B),
            _of("closed_at", "ClosedDate", "When it was done.", TS),
            OWNER,
        ),
    ),
    SObject(
        "tasks", "Task", "call, mail or thing to do",
        (
            *ACTIVITY,
            _of("status", "Status", "Status in the org's words."),
            _of("kind", "TaskSubtype", "Call, Email, Task, ..."),
            _of("is_closed", "IsClosed", "Done.", B),
            _of("activity_date", "ActivityDate", "Day it is due.", DATE),
            _of("completed_at", "CompletedDateTime", "When it was done.", TS),
        ),
    ),
    SObject(
        "events", "Event", "meeting",
        (
            *ACTIVITY,
            _of("starts_at", "StartDateTime", "Begin.", TS),
            _of("ends_at", "EndDateTime", "End.", TS),
        ),
    ),
    SObject(
        "campaigns", "Campaign", "campaign",
        (
            _of("name", "Name", "Name."),
            _of("type", "Type", "Kind."),
            _of("status", "Status", "Status in the org's words."),
            _of("start_date", "StartDate", "First day.", DATE),
            _of("end_date", "EndDate", "Last day.", DATE),
            _of("budgeted_cost", "BudgetedCost", "Planned cost in whole units."),
            _of("actual_cost", "ActualCost", "Cost in whole units."),
            CURRENCY,
        ),
    ),
    SObject(
        "campaign_members", "CampaignMember", "person whom a campaign reached",
        (
            _required("campaign_id", "CampaignId", "Campaign."),
            _of("contact_id", "ContactId", "Contact."),
            _of("lead_id", "LeadId", "Lead."),
            _of("status", "Status", "Status in the org's words."),
            _of("has_responded", "HasResponded", "Responded.", B),
            _of("responded_date", "FirstRespondedDate", "When first, in the org's zone.", DATE),
        ),
    ),
)  # fmt: skip
