with
    margins as (select * from {{ ref("int_person_margins") }} where person_id is not null),

    referrals as (select * from {{ ref("referral_values") }}),

    split as (select * from {{ ref("int_margins_split") }}),

    influences as (select * from {{ ref("int_influence_parts") }}),

    cutoffs as (select cutoff_date from {{ ref("int_customer_cutoffs") }} where fit_kind = 'current'),

    assumptions as (select * from {{ ref("int_referral_assumptions_checked") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    parts as (
        select person_id, 'own' as part, 'personal' as basis, amount_minor, low_minor, high_minor
        from margins
        union all
        select
            referrer_person_id,
            'referral',
            'personal',
            cast(sum(amount_minor) as bigint),
            cast(sum(low_minor) as bigint),
            cast(sum(high_minor) as bigint)
        from referrals
        group by referrer_person_id
        union all
        -- Ends of intervals do not add up over people, so this basis has none.
        select owner_id, part, 'conserved', cast(sum(amount_minor) as bigint), null, null
        from split
        where part <> 'influence'
        group by owner_id, part
        union all
        select person_id, 'influence', basis, amount_minor, null, null
        from influences
    )

select
    parts.person_id,
    cutoffs.cutoff_date as as_of_date,
    parts.part,
    parts.basis,
    parts.amount_minor,
    parts.low_minor,
    parts.high_minor,
    base.base_currency as currency,
    case when base.margin_rate is null then 'revenue' else 'brand' end as margin_basis,
    assumptions.assumptions_version
from parts
cross join cutoffs
cross join base
cross join assumptions
