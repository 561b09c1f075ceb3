-- One row per person, owner and part: each customer's margin, realised and expected, divided so that every unit of it
-- stands once. What nobody known brought has no person and stays whole; what goes to the pool has no owner yet.
with
    assumptions as (select * from {{ ref("int_referral_assumptions_checked") }}),

    parents as (select * from {{ ref("int_referral_parents") }}),

    reached as (
        select converters.person_id
        from {{ ref("int_influence_converters") }} as converters
        -- Without scores nobody could have the pool.
        where exists (select 1 from {{ ref("influence_scores") }})
    ),

    margins as (
        select
            margins.person_id,
            margins.amount_minor,
            if(reached.person_id is null, 0.0, assumptions.influence_pool_share) as pool_share
        from {{ ref("int_person_margins") }} as margins
        cross join assumptions
        left join reached using (person_id)
        where margins.person_id is not null
    )

select *
from ({{ conserved_split("margins", "parents", "assumptions") }})
union all
select person_id, null, 'own', amount_minor
from {{ ref("int_person_margins") }}
where person_id is null
