-- One row per person of the audience: what the brand stands to lose with them, and what whoever writes to them has to
-- know. An open deal counts in full for each of its people: the figure does not add up over people.
with
    people as (select * from {{ ref("people") }} where kind = 'person'),

    expected as (select * from {{ ref("customer_values") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    rates as (select * from {{ ref("int_revenue_rates") }}),

    run as (select as_of from {{ source("ops", "current_run") }}),

    deals as (select * from {{ every("deals") }} where not is_deleted),

    deal_contacts as (select * from {{ every("deal_contacts") }} where not is_deleted),

    contacts as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'contact'),

    -- What the average person is worth: whoever never bought counts with nothing.
    average as (
        select
            cast(
                floor(coalesce(sum(greatest(expected.expected_margin_24m_minor, 0)) / count(*), 0)) as bigint
            ) as worth_minor
        from people
        left join expected using (person_id)
    ),

    -- One deal won and one lost stand before all others, so that the first one closed does not decide alone.
    won as (
        select
            (count(*) filter (stage_category = 'won') + 1)
            / (count(*) filter (stage_category in ('won', 'lost')) + 2) as won_share
        from deals
    ),

    open_deals as (
        select distinct
            contacts.person_id,
            deals.deal_id,
            deals.stage,
            {{ convert_minor("deals.amount_minor", "rates.rate", "upper(deals.currency)", "base.base_currency") }}
            as amount_minor
        from deals
        inner join deal_contacts using (deal_id)
        inner join contacts on contacts.identifier_key = deal_contacts.contact_id
        cross join base
        cross join run
        left join
            rates
            on rates.currency = upper(deals.currency)
            and {{ local_date("run.as_of", "base.time_zone") }} >= rates.valid_from
            and {{ local_date("run.as_of", "base.time_zone") }} < rates.valid_until
        where deals.stage_category = 'open' and coalesce(deals.amount_minor < {{ largest_amount() }}, true)
    ),

    deal_facts as (
        select
            person_id,
            cast(sum(amount_minor) as bigint) as amount_minor,
            arg_max({'deal_id':deal_id, 'stage':stage}, {'amount':coalesce(amount_minor, 0), 'id':deal_id}) as largest
        from open_deals
        group by person_id
    )

select
    people.person_id,
    people.masked_name,
    people.language,
    people.has_marketing_consent,
    people.is_customer,
    expected.churn_state,
    expected.last_purchase_date,
    people.last_purchase_at,
    deal_facts.largest.deal_id as open_deal_id,
    deal_facts.largest.stage as open_deal_stage,
    deal_facts.amount_minor as open_deal_minor,
    greatest(coalesce(expected.expected_margin_24m_minor, 0), average.worth_minor) + cast(
        round(
            coalesce(deal_facts.amount_minor, 0) * won.won_share * coalesce(cast(base.margin_rate as double), 1)
        ) as bigint
    ) as value_at_stake_minor,
    base.base_currency as currency
from people
cross join average
cross join won
cross join base
left join expected using (person_id)
left join deal_facts using (person_id)
