with
    scores as (select * from {{ source("solved", "influence_scores") }}),

    edges as (select * from {{ ref("int_attention_edges") }}),

    assumptions as (select * from {{ ref("int_referral_assumptions_checked") }}),

    direct as (
        select to_person_id as person_id, count(*) as reached_count, cast(sum(act_count) as bigint) as act_count
        from edges
        group by to_person_id
    )

select
    scores.person_id,
    direct.reached_count,
    direct.act_count,
    scores.score,
    scores.influence_share,
    'model' as basis,
    assumptions.assumptions_version
from scores
inner join direct using (person_id)
cross join assumptions
