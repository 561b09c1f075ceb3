{{ config(materialized="view") }}

-- One row per exhibition, member of staff (or all) and deal that was opened after somebody of the deal was met there:
-- its amount, what was won of it, and how long after the meeting.
with
    met as (select * from {{ ref("int_exhibition_contacts") }} where person_id is not null),

    deals as (select * from {{ every("deals") }} where not is_deleted and created_at is not null),

    deal_contacts as (select * from {{ every("deal_contacts") }} where not is_deleted),

    contacts as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'contact'),

    base as (select * from {{ ref("int_base_currency") }}),

    rates as (select * from {{ ref("int_revenue_rates") }}),

    won as (
        select
            deal_id,
            min(occurred_at) filter (kind = 'deal_won') as won_at,
            cast(sum(coalesce(margin_minor, amount_minor)) as bigint) as won_margin_minor
        from {{ ref("revenue_events") }}
        where deal_id is not null
        group by deal_id
    ),

    -- The first meeting before the deal counts.
    meetings as (
        select met.exhibition_id, met.staff_id, deal_contacts.deal_id, min(met.scanned_at) as scanned_at
        from
            (
                select exhibition_id, staff_id, person_id, scanned_at
                from met
                where staff_id is not null
                union all
                select exhibition_id, null, person_id, scanned_at
                from met
            ) as met
        inner join contacts using (person_id)
        inner join deal_contacts on deal_contacts.contact_id = contacts.identifier_key
        inner join deals on deals.deal_id = deal_contacts.deal_id and deals.created_at >= met.scanned_at
        group by all
    )

select
    meetings.exhibition_id,
    meetings.staff_id,
    meetings.deal_id,
    {{ convert_minor("deals.amount_minor", "rates.rate", "upper(deals.currency)", "base.base_currency") }}
    as pipeline_minor,
    won.won_margin_minor,
    {{ elapsed_seconds("meetings.scanned_at", "deals.created_at") }} / 86400 as deal_age_days,
    {{ elapsed_seconds("meetings.scanned_at", "won.won_at") }} / 86400 as won_age_days
from meetings
inner join deals using (deal_id)
cross join base
left join won using (deal_id)
left join
    rates
    on rates.currency = upper(deals.currency)
    and {{ local_date("deals.created_at", "base.time_zone") }} >= rates.valid_from
    and {{ local_date("deals.created_at", "base.time_zone") }} < rates.valid_until
