with
    scores as (select * from {{ ref("ror_scores_weekly") }}),

    members as (select person_id, company_id from {{ ref("int_attribution_person_companies") }})

select members.company_id, scores.week_start_date, {{ ror_rollup() }}
from scores
inner join members using (person_id)
group by members.company_id, scores.week_start_date
