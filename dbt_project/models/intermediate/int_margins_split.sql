-- One row per person, owner and part: each customer's margin, realised and expected, divided so that every unit of it
-- stands once. What nobody known brought has no person and stays whole; what goes to the pool has no owner yet.
with
    assumptions as (select * from {{ ref("int_referral_assumptions_checked") }}),

    parents as (select * from {{ ref("int_referral_parents") }}),

    margins as (
        select person_id, amount_minor, 0.0 as pool_share
        from {{ ref("int_person_margins") }}
        where person_id is not null
    )

select *
from ({{ conserved_split("margins", "parents", "assumptions") }})
union all
select person_id, null, 'own', amount_minor
from {{ ref("int_person_margins") }}
where person_id is null
