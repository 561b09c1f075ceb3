-- One row per person with rows in the ledger, and one of nobody known: margin so far and expected in 24 months.
with
    ledger as (
        select
            person_id,
            min(event_date) filter (kind in ('order', 'deal_won')) as first_purchase_date,
            cast(sum(coalesce(margin_minor, amount_minor)) as bigint) as realised_minor
        from {{ ref("revenue_events") }}
        -- A change of a subscription without money of its own is no value yet.
        where mrr_change_minor is null or amount_minor <> 0
        group by person_id
    ),

    expected as (select * from {{ ref("customer_values") }})

select
    ledger.person_id,
    ledger.first_purchase_date,
    ledger.realised_minor + coalesce(expected.expected_margin_24m_minor, 0) as amount_minor,
    ledger.realised_minor + expected.expected_low_minor as low_minor,
    ledger.realised_minor + expected.expected_high_minor as high_minor
from ledger
left join expected using (person_id)
