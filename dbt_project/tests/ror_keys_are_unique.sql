-- One row per person and week, and the score is the sum of its components.
select 'people_weekly' as table_name, person_id, week_index
from {{ ref("int_people_weekly") }}
group by person_id, week_index
having count(*) > 1
union all
select 'ror_scores_weekly', person_id, week_index
from {{ ref("int_ror_scores") }}
group by person_id, week_index
having count(*) > 1
union all
select 'ror_score_components_weekly', person_id, {{ week_index("week_start_date") }}
from {{ ref("ror_score_components_weekly") }}
full join {{ ref("ror_scores_weekly") }} as scores using (person_id, week_start_date)
group by person_id, week_start_date
having sum(points_micro) is distinct from any_value(score_micro)
union all
select 'roi_cohorts', person_id || exposure_id, null
from {{ ref("roi_cohorts") }}
group by person_id, exposure_id
having count(*) > 1
