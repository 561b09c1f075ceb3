"""The org's catalogue: objects, the beginning of their ids, fields with their types."""

from __future__ import annotations

from dataclasses import dataclass

STANDARD_STAMPS = {"CreatedDate": "datetime", "LastModifiedDate": "datetime"}
SYSTEM = {"Id": "id", **STANDARD_STAMPS, "SystemModstamp": "datetime"}
BINNED = {**SYSTEM, "IsDeleted": "boolean"}
SOCIAL_FIELDS = {"x": "X_Handle__c", "instagram": "Instagram__c", "facebook": "Facebook__c"}
REFERENCES_TO_CONTACTS = ("ContactId", "WhoId", "ConvertedContactId")


@dataclass(frozen=True)
class SObject:
    """One object of the API. `has_bin`: deleted records stay readable for fifteen days."""

    name: str
    prefix: str
    fields: dict[str, str]
    has_bin: bool = True


def _object(name: str, prefix: str, fields: dict[str, str], *, has_bin: bool = True) -> SObject:
    return SObject(name, prefix, {**(BINNED if has_bin else SYSTEM), **fields}, has_bin)


_PERSON = {
    "FirstName": "string", "LastName": "string", "Email": "email", "Phone": "phone",
    "MobilePhone": "phone", "OwnerId": "reference", "HasOptedOutOfEmail": "boolean",
}  # fmt: skip
_ACTIVITY = {
    "WhoId": "reference", "WhatId": "reference", "OwnerId": "reference", "Subject": "string",
}  # fmt: skip
_ALL = (
    _object(
        "User", "005",
        {"Name": "string", "Email": "email", "Username": "string", "IsActive": "boolean"},
        has_bin=False,
    ),
    _object(
        "OpportunityStage", "01J",
        {
            "MasterLabel": "string", "ApiName": "string", "IsActive": "boolean",
            "IsClosed": "boolean", "IsWon": "boolean", "DefaultProbability": "percent",
            "SortOrder": "int",
        },
        has_bin=False,
    ),
    _object(
        "Account", "001",
        {
            "Name": "string", "Website": "url", "Industry": "picklist", "NumberOfEmployees": "int",
            "BillingCountry": "string", "OwnerId": "reference", "MasterRecordId": "reference",
            "IsPersonAccount": "boolean",
        },
    ),
    _object(
        "Contact", "003",
        {
            **_PERSON, "AccountId": "reference", "MailingCountry": "string",
            "MailingCountryCode": "picklist", "LeadSource": "picklist",
            "MasterRecordId": "reference", **dict.fromkeys(SOCIAL_FIELDS.values(), "string"),
        },
    ),
    _object(
        "Lead", "00Q",
        {
            **_PERSON, "Company": "string", "Country": "string", "CountryCode": "picklist",
            "Status": "picklist", "LeadSource": "picklist", "IsConverted": "boolean",
            "ConvertedDate": "date", "ConvertedContactId": "reference",
            "ConvertedAccountId": "reference", "ConvertedOpportunityId": "reference",
            "MasterRecordId": "reference",
        },
    ),
    _object(
        "Opportunity", "006",
        {
            "Name": "string", "AccountId": "reference", "OwnerId": "reference",
            "CampaignId": "reference", "StageName": "picklist", "IsClosed": "boolean",
            "IsWon": "boolean", "Probability": "percent", "Amount": "currency",
            "CurrencyIsoCode": "picklist", "CloseDate": "date", "Type": "picklist",
        },
    ),
    _object(
        "OpportunityHistory", "008",
        {
            "OpportunityId": "reference", "StageName": "picklist", "Amount": "currency",
            "CurrencyIsoCode": "picklist", "CloseDate": "date", "Probability": "percent",
        },
    ),
    _object(
        "OpportunityContactRole", "00K",
        {
            "OpportunityId": "reference", "ContactId": "reference", "Role": "picklist",
            "IsPrimary": "boolean",
        },
    ),
    _object(
        "Case", "500",
        {
            "CaseNumber": "string", "ContactId": "reference", "AccountId": "reference",
            "OwnerId": "reference", "Status": "picklist", "Origin": "picklist",
            "Priority": "picklist", "Subject": "string", "IsClosed": "boolean",
            "ClosedDate": "datetime",
        },
    ),
    _object(
        "Task", "00T",
        {
            **_ACTIVITY, "Status": "picklist", "TaskSubtype": "picklist", "IsClosed": "boolean",
            "ActivityDate": "date", "CompletedDateTime": "datetime",
        },
    ),
    _object(
        "Event", "00U",
        {**_ACTIVITY, "StartDateTime": "datetime", "EndDateTime": "datetime"},
    ),
    _object(
        "Campaign", "701",
        {
            "Name": "string", "Type": "picklist", "Status": "picklist", "StartDate": "date",
            "EndDate": "date", "BudgetedCost": "currency", "ActualCost": "currency",
            "CurrencyIsoCode": "picklist", "IsActive": "boolean",
        },
    ),
    _object(
        "CampaignMember", "00v",
        {
            "CampaignId": "reference", "ContactId": "reference", "LeadId": "reference",
            "Status": "picklist", "HasResponded": "boolean", "FirstRespondedDate": "date",
        },
    ),
)  # fmt: skip
OBJECTS = {sobject.name: sobject for sobject in _ALL}
# Fields that only some orgs have; an org without them answers INVALID_FIELD.
ORG_FIELDS = frozenset({
    "CurrencyIsoCode", "IsPersonAccount", "MailingCountryCode", "CountryCode",
})  # fmt: skip
STAGES = {  # closed, won, probability
    "Qualification": (False, False, 10),
    "Proposal": (False, False, 50),
    "Negotiation": (False, False, 90),
    "Closed Won": (True, True, 100),
    "Closed Lost": (True, False, 0),
}
