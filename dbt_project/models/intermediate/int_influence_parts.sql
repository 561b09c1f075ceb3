-- One row per person and basis with a part of the pool of influence. Personal: a share of the margin of customers whom
-- others had reached; conserved: what the split of margins left to the pool. Whole units by largest remainder.
with
    scores as (select * from {{ ref("influence_scores") }}),

    assumptions as (select * from {{ ref("int_referral_assumptions_checked") }}),

    margins as (select * from {{ ref("int_person_margins") }}),

    converters as (select person_id from {{ ref("int_influence_converters") }}),

    pools as (
        select 'conserved' as basis, cast(sum(amount_minor) as bigint) as pool_minor
        from {{ ref("int_margins_split") }}
        where part = 'influence'
        union all
        select 'personal', cast(round(sum(margins.amount_minor * assumptions.influence_pool_share)) as bigint)
        from margins
        semi join converters using (person_id)
        cross join assumptions
    ),

    shared as (
        select
            pools.basis,
            pools.pool_minor,
            scores.person_id,
            scores.influence_share * abs(pools.pool_minor) as share_minor
        from scores
        cross join pools
        where pools.pool_minor <> 0
    )

select person_id, basis, part_minor as amount_minor
from ({{ largest_remainders("shared", "pool_minor", "share_minor", "basis", "person_id") }})
where part_minor <> 0
