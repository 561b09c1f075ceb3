-- On basis conserved every unit of money stands once: the parts of each customer add up to his margin, and all values
-- to the ledger and the expectation, to the minor unit.
with
    split as (
        select person_id, sum(amount_minor) as amount_minor from {{ ref("int_margins_split") }} group by person_id
    ),

    margins as (select person_id, amount_minor from {{ ref("int_person_margins") }}),

    totals as (
        select
            (
                select coalesce(sum(amount_minor), 0) from {{ ref("ror_values") }} where basis = 'conserved'
            ) as value_minor,
            (
                select coalesce(sum(coalesce(margin_minor, amount_minor)), 0) from {{ ref("revenue_events") }}
            ) as ledger_minor,
            (select coalesce(sum(expected_margin_24m_minor), 0) from {{ ref("customer_values") }}) as expected_minor
    )

select
    coalesce(margins.person_id, split.person_id) as person_id, margins.amount_minor as wanted_minor, split.amount_minor
from margins
full join split on split.person_id is not distinct from margins.person_id
where split.amount_minor is distinct from margins.amount_minor
union all
select 'all', ledger_minor + expected_minor, value_minor
from totals
where value_minor <> ledger_minor + expected_minor
