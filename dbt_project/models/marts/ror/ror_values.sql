with
    ledger as (
        select person_id, cast(sum(coalesce(margin_minor, amount_minor)) as bigint) as realised_minor
        from {{ ref("revenue_events") }}
        -- A change of a subscription without money of its own is no value yet.
        where mrr_change_minor is null or amount_minor <> 0
        group by person_id
    ),

    expected as (select * from {{ ref("customer_values") }}),

    cutoffs as (select cutoff_date from {{ ref("int_customer_cutoffs") }} where fit_kind = 'current'),

    base as (select * from {{ ref("int_base_currency") }}),

    own as (
        select
            ledger.person_id,
            ledger.realised_minor + coalesce(expected.expected_margin_24m_minor, 0) as amount_minor,
            ledger.realised_minor + expected.expected_low_minor as low_minor,
            ledger.realised_minor + expected.expected_high_minor as high_minor
        from ledger
        left join expected using (person_id)
    )

select
    own.person_id,
    cutoffs.cutoff_date as as_of_date,
    'own' as part,
    bases.basis,
    own.amount_minor,
    own.low_minor,
    own.high_minor,
    base.base_currency as currency,
    case when base.margin_rate is null then 'revenue' else 'brand' end as margin_basis
from own
cross join cutoffs
cross join base
cross join (select unnest(['personal', 'conserved']) as basis) as bases
where own.person_id is not null or bases.basis = 'conserved'
