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
select 'ror_score_components_weekly', person_id, week_index
from {{ ref("int_ror_scores") }}
where score_micro <> list_sum(list_transform(components, part -> part.points_micro))
union all
select 'roi_cohorts', person_id || exposure_id, null
from {{ ref("roi_cohorts") }}
group by person_id, exposure_id
having count(*) > 1
