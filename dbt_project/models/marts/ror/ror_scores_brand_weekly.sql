with
    scores as (select * from {{ ref("ror_scores_weekly") }}),

    -- A person counts with every brand that had an act of the person.
    members as (select distinct person_id, brand_id from {{ ref("int_relationship_acts") }})

select members.brand_id, scores.week_start_date, {{ ror_rollup() }}
from scores
inner join members using (person_id)
group by members.brand_id, scores.week_start_date
