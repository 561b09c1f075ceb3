-- A cell has a rate exactly when everybody was observed to its end; observable people are never
-- more than the cohort.
with
    cells as (
        select *
        from {{ ref("cohort_retention_weekly") }}
        union all
        select *
        from {{ ref("cohort_retention_monthly") }}
        union all
        select * exclude (segment_kind, segment_value)
        from {{ ref("cohort_retention_segments_monthly") }}
    )

select *
from cells
where
    is_complete <> (retention_rate is not null)
    or (is_complete and observable_count <> cohort_count)
    or observable_count > cohort_count
    or active_count > observable_count
    or retention_rate not between 0
    and 1
