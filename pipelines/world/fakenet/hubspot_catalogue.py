"""The portal's catalogue: object types, properties, pipelines, association types."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pipelines.world.fakenet.facade import utc_text

# Every name a path may use for an object type.
OBJECT_TYPES = {
    "contacts": "contacts", "contact": "contacts", "0-1": "contacts",
    "companies": "companies", "company": "companies", "0-2": "companies",
    "deals": "deals", "deal": "deals", "0-3": "deals",
    "tickets": "tickets", "ticket": "tickets", "0-5": "tickets",
}  # fmt: skip
MODIFIED = {"contacts": "lastmodifieddate"}  # the rest: hs_lastmodifieddate
SCOPES = {
    "contacts": "crm.objects.contacts.read", "companies": "crm.objects.companies.read",
    "deals": "crm.objects.deals.read", "tickets": "tickets", "owners": "crm.objects.owners.read",
}  # fmt: skip
DEFAULT_PROPERTIES = {
    "contacts": ("createdate", "email", "firstname", "hs_object_id", "lastmodifieddate",
                 "lastname"),
    "companies": ("createdate", "domain", "hs_lastmodifieddate", "hs_object_id", "name"),
    "deals": ("amount", "closedate", "createdate", "dealname", "dealstage", "hs_lastmodifieddate",
              "hs_object_id", "pipeline"),
    "tickets": ("content", "createdate", "hs_lastmodifieddate", "hs_object_id", "hs_pipeline",
                "hs_pipeline_stage", "hs_ticket_category", "hs_ticket_priority", "subject"),
}  # fmt: skip
STAGE_IDS = {
    "Qualification": "qualifiedtobuy",
    "Proposal": "presentationscheduled",
    "Negotiation": "contractsent",
    "Closed Won": "closedwon",
    "Closed Lost": "closedlost",
}
PROBABILITIES = {"qualifiedtobuy": "0.2", "presentationscheduled": "0.4", "contractsent": "0.8",
                 "closedwon": "1.0", "closedlost": "0.0"}  # fmt: skip
TICKET_STAGES = (("1", "New"), ("2", "Waiting on contact"), ("3", "Waiting on us"), ("4", "Closed"))
# (from, to) → category, id and label of the association type; a label is None when it has none.
ASSOCIATION_TYPES = {
    ("contacts", "companies"): (1, "Primary"), ("companies", "contacts"): (2, "Primary"),
    ("deals", "contacts"): (3, None), ("contacts", "deals"): (4, None),
    ("deals", "companies"): (5, "Primary"), ("companies", "deals"): (6, "Primary"),
    ("contacts", "tickets"): (15, None), ("tickets", "contacts"): (16, None),
}  # fmt: skip
# What an object list names its inline associations by.
INLINE_TYPES = {
    ("contacts", "companies"): "contact_to_company", ("companies", "contacts"):
    "company_to_contact", ("deals", "contacts"): "deal_to_contact", ("contacts", "deals"):
    "contact_to_deal", ("deals", "companies"): "deal_to_company", ("companies", "deals"):
    "company_to_deal", ("contacts", "tickets"): "contact_to_ticket", ("tickets", "contacts"):
    "ticket_to_contact",
}  # fmt: skip


@dataclass(frozen=True)
class Property:
    """A property of an object type: its name, label, type and field type as HubSpot says them."""

    name: str
    label: str
    type: str = "string"
    field_type: str = "text"
    is_own: bool = False  # made by the portal, not by HubSpot


_COMMON = (
    Property("hs_object_id", "Record ID", "number", "number"),
    Property("createdate", "Create Date", "datetime", "date"),
    Property("hubspot_owner_id", "Owner", "enumeration", "select"),
)
_CHANGED = Property("hs_lastmodifieddate", "Last Modified Date", "datetime", "date")
PROPERTIES: dict[str, tuple[Property, ...]] = {
    "contacts": (
        *_COMMON,
        Property("lastmodifieddate", "Last Modified Date", "datetime", "date"),
        Property("email", "Email"),
        Property("firstname", "First Name"),
        Property("lastname", "Last Name"),
        Property("phone", "Phone Number", "string", "phonenumber"),
        Property("country", "Country/Region"),
        Property("hs_language", "Preferred language", "enumeration", "select"),
        Property("lifecyclestage", "Lifecycle Stage", "enumeration", "radio"),
        Property("hs_email_optout", "Unsubscribed from all email", "bool", "booleancheckbox"),
        Property("associatedcompanyid", "Primary Associated Company ID", "number", "number"),
        Property("hs_merged_object_ids", "Merged record IDs", "enumeration", "checkbox"),
        Property("first_order_at", "First order", "datetime", "date", is_own=True),
        Property("bluesky_handle", "Bluesky handle", is_own=True),
    ),
    "companies": (
        *_COMMON, _CHANGED,
        Property("name", "Company name"),
        Property("domain", "Company Domain Name"),
        Property("industry", "Industry", "enumeration", "select"),
        Property("numberofemployees", "Number of Employees", "number", "number"),
    ),
    "deals": (
        *_COMMON, _CHANGED,
        Property("dealname", "Deal Name"),
        Property("pipeline", "Pipeline", "enumeration", "select"),
        Property("dealstage", "Deal Stage", "enumeration", "radio"),
        Property("amount", "Amount", "number", "number"),
        Property("deal_currency_code", "Currency", "enumeration", "select"),
        Property("closedate", "Close Date", "datetime", "date"),
        Property("hs_is_closed", "Is Deal Closed?", "bool", "calculation_equation"),
        Property("hs_is_closed_won", "Is Closed Won", "bool", "calculation_equation"),
    ),
    "tickets": (
        *_COMMON, _CHANGED,
        Property("subject", "Ticket name"),
        Property("content", "Ticket description", "string", "textarea"),
        Property("hs_pipeline", "Pipeline", "enumeration", "select"),
        Property("hs_pipeline_stage", "Ticket status", "enumeration", "radio"),
        Property("hs_ticket_category", "Category", "enumeration", "checkbox"),
        Property("hs_ticket_priority", "Priority", "enumeration", "select"),
        Property("source_type", "Source", "enumeration", "select"),
        Property("closed_date", "Close date", "datetime", "date"),
    ),
}  # fmt: skip


def property_json(item: Property, object_type: str, since: datetime) -> dict[str, Any]:
    """A property as the properties endpoint gives it."""
    singular = {"companies": "company"}.get(object_type, object_type[:-1])
    stamps = {"createdAt": utc_text(since), "updatedAt": utc_text(since)} if item.is_own else {}
    return {
        **stamps,
        "name": item.name, "label": item.label, "type": item.type, "fieldType": item.field_type,
        "description": "", "groupName": f"{singular}information", "options": [],
        "displayOrder": -1, "calculated": item.field_type.startswith("calculation"),
        "externalOptions": item.name == "hubspot_owner_id", "hasUniqueValue": False,
        "hidden": False, "hubspotDefined": not item.is_own, "formField": item.is_own,
        "dataSensitivity": "non_sensitive", "archived": False,
        "modificationMetadata": {
            "archivable": item.is_own, "readOnlyDefinition": not item.is_own,
            "readOnlyValue": item.name.startswith("hs_"),
        },
    }  # fmt: skip


def pipelines_json(object_type: str, since: datetime) -> list[dict[str, Any]]:
    """The pipelines of an object type; contacts and companies have none."""
    stages: list[tuple[str, str, dict[str, str]]]
    if object_type == "deals":
        identity, label = "default", "Wholesale"
        stages = [
            (i, name, {"isClosed": str(i.startswith("closed")).lower(),
                       "probability": PROBABILITIES[i]})
            for name, i in STAGE_IDS.items()
        ]  # fmt: skip
    elif object_type == "tickets":
        identity, label = "0", "Support Pipeline"
        last = TICKET_STAGES[-1][0]
        stages = [
            (i, name, {"isClosed": str(i == last).lower(),
                       "ticketState": "CLOSED" if i == last else "OPEN"})
            for i, name in TICKET_STAGES
        ]  # fmt: skip
    else:
        return []
    stamps = {"createdAt": utc_text(since, 0), "updatedAt": utc_text(since, 0), "archived": False}
    return [
        {
            "label": label, "displayOrder": 0, "id": identity, **stamps,
            "stages": [
                {
                    "label": name, "displayOrder": order, "metadata": metadata, "id": stage_id,
                    **stamps, "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
                }
                for order, (stage_id, name, metadata) in enumerate(stages)
            ],
        }
    ]  # fmt: skip
