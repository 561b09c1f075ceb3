"""The files that CRM, shop, web statistics and accounting export."""

from __future__ import annotations

from datetime import datetime

from pipelines.world.deals import close_date, export_instants
from pipelines.world.dialects import (
    delimited,
    english_number,
    gzipped,
    italian_number,
    workbook,
)
from pipelines.world.drop import DropFile, drop_file
from pipelines.world.mistakes import with_mistakes
from pipelines.world.parameters import BASE_CURRENCY, BRAND_ZONE
from pipelines.world.world import World

STATUS_NAMES = {
    "placed": "Ricevuto",
    "paid": "Pagato",
    "fulfilled": "Evaso",
    "cancelled": "Annullato",
    "test": "Prova",
}


def crm_files(world: World) -> list[DropFile]:
    """All files of CRM, shop, web statistics and accounting."""
    return [
        _companies(world),
        _contacts(world),
        _contact_merges(world),
        *_deals(world),
        _deal_contacts(world),
        _orders(world),
        _refunds(world),
        _clicks(world),
        _costs(world),
    ]


def _italian_time(instant: datetime) -> str:
    return f"{instant.astimezone(BRAND_ZONE):%d/%m/%Y %H:%M:%S}"


def _companies(world: World) -> DropFile:
    rows = [
        {
            "id": c.company_id,
            "name": c.name,
            "domain": c.domain,
            "employees": c.size_band,
            "industry": c.industry,
        }
        for c in world.population.companies
    ]
    return drop_file(
        "companies", "companies.csv", delimited(rows, encoding="cp1252"), rows, ("id",)
    )


def _contacts(world: World) -> DropFile:
    rows = [
        {
            "Id contatto": contact.contact_id,
            "E-mail": ";".join(contact.emails),
            "Telefono": ";".join(contact.phones),
            "Nome": person.given_name,
            "Cognome": person.family_name,
            "Azienda": contact.company_id,
            "Fase": "cliente" if person.is_buyer else "contatto",
            "Profili": ";".join(contact.social_profiles),
            "Consenso": "no" if person.affinity < -1 else "sì",
            "Paese": person.country,
            "Lingua": person.language,
            "Creato": _italian_time(contact.created_at),
            "Modificato": _italian_time(contact.updated_at),
        }
        for person in world.population.people
        for contact in person.contacts
    ]
    spoiled, count = with_mistakes("contacts", rows)
    content = delimited(spoiled, ";", "utf-8-sig")
    return drop_file("contacts", "contatti.csv", content, rows, ("Id contatto",), rejected=count)


def _contact_merges(world: World) -> DropFile:
    rows = [
        {"merged": m.loser_id, "into": m.winner_id, "at": m.merged_at.isoformat()}
        for m in world.population.merges
    ]
    return drop_file("contact_merges", "contact_merges.csv", delimited(rows), rows, ("merged",))


def _deals(world: World) -> list[DropFile]:
    """One export per month: each shows the state of all deals at that moment."""
    files: list[DropFile] = []
    for instant in export_instants(world.parameters):
        rows = [
            {
                "Deal ID": deal.deal_id,
                "Pipeline": "Wholesale",
                "Stage": past[-1].stage,
                "Amount": f"{past[-1].amount_minor / 100:.2f}",
                "Created": f"{deal.states[0].since:%Y-%m-%dT%H:%M:%SZ}",
                "Close date": close_date(past[-1]).isoformat(),
                "Owner": deal.owner_id,
                "Company": deal.company.company_id,
                "Product": deal.product,
                "Last change": f"{past[-1].since:%Y-%m-%dT%H:%M:%SZ}",
            }
            for deal in world.deals
            if (past := [state for state in deal.states if state.since < instant])
        ]
        name = f"deals_{instant.astimezone(BRAND_ZONE):%Y-%m-%d}.csv"
        if rows:
            files.append(drop_file("deals", name, delimited(rows), rows, ("Deal ID",)))
    return files


def _deal_contacts(world: World) -> DropFile:
    rows = [
        {"deal": deal.deal_id, "contact": contact_id, "role": role, "weight": weight}
        for deal in world.deals
        for contact_id, role, weight in deal.contacts
    ]
    content = delimited(rows, "\t")
    return drop_file("deal_contacts", "deal_contacts.tsv", content, rows, ("deal", "contact"))


def _orders(world: World) -> DropFile:
    rows = [
        {
            "Ordine": o.order_id,
            "Data": _italian_time(o.ordered_at),
            "Stato": STATUS_NAMES[o.status],
            "Cliente": o.contact_id,
            "E-mail": o.email,
            "Imponibile": italian_number(o.gross_minor),
            "IVA": italian_number(o.tax_minor),
            "Spedizione": italian_number(o.shipping_minor),
            "Sconto": italian_number(o.discount_minor),
            "Valuta": o.currency,
            "Buono": o.coupon_code,
            "Articoli": o.item_count,
        }
        for o in sorted(world.orders, key=lambda o: (o.ordered_at, o.order_id))
    ]
    spoiled, count = with_mistakes("orders", rows)
    content = delimited(spoiled, ";", "cp1252")
    return drop_file("orders", "ordini.csv", content, rows, ("Ordine",), rejected=count)


def _refunds(world: World) -> DropFile:
    rows = [
        {
            "refund": r.refund_id,
            "order": r.order.order_id,
            "date": r.refunded_at.isoformat(),
            "amount": english_number(r.amount_minor),
            "currency": r.order.currency,
        }
        for r in world.refunds
    ]
    return drop_file("refunds", "refunds.csv", delimited(rows, "|"), rows, ("refund",))


def _clicks(world: World) -> DropFile:
    rows = [
        {
            "click_id": c.click_id,
            "time": int(c.clicked_at.timestamp()),
            "channel": c.channel,
            "campaign": c.campaign,
            "kind": c.kind,
            "email": c.email,
            "contact": c.contact_id,
            "profile": c.profile,
            "direct": "Y" if c.channel == "direct" else "N",
            "post": c.post_id,
        }
        for c in sorted(world.clicks, key=lambda c: (c.clicked_at, c.click_id))
    ]
    spoiled, count = with_mistakes("clicks", rows)
    content = gzipped(delimited(spoiled, "\t"))
    return drop_file("clicks", "clicks.tsv.gz", content, rows, ("click_id",), rejected=count)


def _costs(world: World) -> DropFile:
    rows = [
        {
            "Id": c.cost_id,
            "Date": datetime(c.cost_date.year, c.cost_date.month, c.cost_date.day),  # noqa: DTZ001  a calendar date
            "Kind": c.kind,
            "Channel": c.channel or None,
            "Account": c.account_id or None,
            "Campaign": c.campaign or None,
            "Minutes": c.minutes,
            "Amount": c.amount_minor / 100,
            "Currency": BASE_CURRENCY,
        }
        for c in world.costs
    ]
    spoiled, count = with_mistakes("costs", rows)
    content = workbook(spoiled, "Costs")
    return drop_file("costs", "costs.xlsx", content, rows, ("Id",), rejected=count)
