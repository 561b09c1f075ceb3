-- One row per cohort grain, kind and period: the dates after the first in it, and the dates it
-- takes to know it.
-- exact and rolling: date n after the first. bracket: the n-th 7 days (week) or calendar month
-- (month) after the first.
-- A rolling period is known 28 days late: the last people to come back have just not had the time.
with
    weeks as ({{ dbt.generate_series(105) }}),

    months as ({{ dbt.generate_series(25) }}),

    grains as (
        select 'week' as cohort_grain
        union all
        select 'month' as cohort_grain
    ),

    offsets as (
        {%- for day_number in [1, 7, 14, 30, 60, 90, 180, 365] %}
            select {{ day_number }} as day_number
            {%- if not loop.last %}
                union all
            {% endif %}
        {%- endfor %}
    )

select grains.cohort_grain, 'exact' as retention_kind, day_number as period_index, day_number as known_after_days
from grains
cross join offsets
union all
select grains.cohort_grain, 'rolling', day_number, day_number + 28
from grains
cross join offsets
union all
select 'week', 'bracket', cast(generated_number as integer) - 1, cast(generated_number as integer) * 7 - 1
from weeks
union all
select 'month', 'bracket', cast(generated_number as integer) - 1, cast(null as integer)
from months
