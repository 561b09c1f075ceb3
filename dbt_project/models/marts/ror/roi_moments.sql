with
    cohorts as (
        select exposure_id, segment, person_id, coalesce(onset_week_index, -1) as cohort
        from {{ ref("roi_cohorts") }}
        where is_eligible
    ),

    window_weeks as (select * from {{ ref("int_roi_window") }}),

    outcomes as (
        select
            cohorts.exposure_id,
            cohorts.segment,
            cohorts.cohort,
            cohorts.person_id,
            cast(weekly.week_index - window_weeks.first_week_index as integer) as week_index,
            weekly.margin_minor as outcome
        from {{ ref("int_people_weekly") }} as weekly
        inner join cohorts using (person_id)
        cross join window_weeks
        where
            weekly.margin_minor <> 0
            and weekly.week_index between window_weeks.first_week_index and window_weeks.last_week_index
    ),

    -- A person has few weeks with an outcome, so that pairs of them are few.
    crossed as (
        select
            earlier.exposure_id,
            coalesce(earlier.segment, 'all') as segment,
            earlier.cohort,
            earlier.week_index as week_a,
            later.week_index as week_b,
            sum(if(earlier.week_index = later.week_index, earlier.outcome, 0)) as outcome_sum,
            sum(earlier.outcome::hugeint * later.outcome) as cross_sum
        from outcomes as earlier
        inner join
            outcomes as later
            on later.person_id = earlier.person_id
            and later.exposure_id = earlier.exposure_id
            and later.week_index >= earlier.week_index
        group by
            grouping sets (
                (earlier.exposure_id, earlier.segment, earlier.cohort, earlier.week_index, later.week_index),
                (earlier.exposure_id, earlier.cohort, earlier.week_index, later.week_index)
            )
    ),

    sizes as (
        select exposure_id, coalesce(segment, 'all') as segment, cohort, count(*) as person_count
        from cohorts
        group by grouping sets ((exposure_id, segment, cohort), (exposure_id, cohort))
    ),

    -- A cohort that bought nothing in a week is a zero there, not unknown.
    diagonals as (
        select sizes.exposure_id, sizes.segment, sizes.cohort, weeks.week_index as week_a, weeks.week_index as week_b
        from sizes
        cross join window_weeks
        cross join lateral(select cast(unnest(range(window_weeks.week_count)) as integer) as week_index) as weeks
    )

select
    exposure_id,
    segment,
    'margin' as metric,
    cast(cohort as integer) as cohort,
    week_a,
    week_b,
    cast(coalesce(crossed.outcome_sum, 0) as double) as outcome_sum,
    cast(coalesce(crossed.cross_sum, 0) as double) as cross_sum,
    sizes.person_count
from crossed
full join diagonals using (exposure_id, segment, cohort, week_a, week_b)
inner join sizes using (exposure_id, segment, cohort)
