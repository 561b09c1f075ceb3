-- Segments of each kind add up to the cohort, in people and in money.
with
    segments as (
        select
            segment_kind,
            cohort_basis,
            cohort_start_date,
            retention_kind,
            period_index,
            sum(cohort_count) as cohort_count,
            sum(observable_count) as observable_count,
            sum(active_count) as active_count,
            sum(revenue_minor) as revenue_minor,
            bool_and(is_complete) as is_complete
        from {{ ref("cohort_retention_segments_monthly") }}
        group by segment_kind, cohort_basis, cohort_start_date, retention_kind, period_index
    ),

    wholes as (
        select
            segment_kind,
            cohort_basis,
            cohort_start_date,
            retention_kind,
            period_index,
            cohort_count,
            observable_count,
            active_count,
            revenue_minor,
            is_complete
        from {{ ref("cohort_retention_monthly") }}
        cross join (select unnest(['tier', 'channel']) as segment_kind) as kinds
    )

    (
        select *
        from segments
        except all
        select *
        from wholes
    )
union all
(
    select *
    from wholes
    except all
    select *
    from segments
)
