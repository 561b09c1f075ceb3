with
    purchases as (select * from {{ ref("int_purchases") }}),

    cutoffs as (select cutoff_date from {{ ref("int_customer_cutoffs") }} where fit_kind = 'current'),

    breakpoints as (select * from {{ ref("rfm_breakpoints") }}),

    segments as (select * from {{ ref("rfm_segments") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    measured as (
        select
            purchases.person_id,
            {{ days_between("max(purchases.purchase_date)", "max(cutoffs.cutoff_date)") }} - 1 as recency_days,
            count(*) filter (
                where purchases.purchase_date >= {{ moved_date("day", -365, "cutoffs.cutoff_date") }}
            ) as frequency_count,
            coalesce(
                sum(purchases.revenue_minor) filter (
                    where purchases.purchase_date >= {{ moved_date("day", -365, "cutoffs.cutoff_date") }}
                ),
                0
            ) as monetary_minor
        from purchases
        cross join cutoffs
        group by purchases.person_id
    ),

    -- A quintile is one more than the breakpoints passed. A value on a breakpoint has not passed
    -- it; few days are better than many.
    scored as (
        select
            measured.person_id,
            measured.recency_days,
            measured.frequency_count,
            measured.monetary_minor,
            5 - count(*) filter (
                where breakpoints.measure = 'recency_days' and measured.recency_days >= breakpoints.breakpoint
            ) as recency_quintile,
            1 + count(*) filter (
                where breakpoints.measure = 'frequency_count' and measured.frequency_count > breakpoints.breakpoint
            ) as frequency_quintile,
            1 + count(*) filter (
                where breakpoints.measure = 'monetary_minor' and measured.monetary_minor > breakpoints.breakpoint
            ) as monetary_quintile,
            min(breakpoints.version) as breakpoints_version
        from measured
        cross join breakpoints
        group by measured.person_id, measured.recency_days, measured.frequency_count, measured.monetary_minor
    ),

    segmented as (
        select
            scored.*,
            segments.segment,
            row_number() over (partition by scored.person_id order by segments.priority) as segment_rank
        from scored
        left join
            segments
            on scored.recency_quintile between segments.recency_low and segments.recency_high
            and scored.frequency_quintile between segments.frequency_low and segments.frequency_high
            and scored.monetary_quintile between segments.monetary_low and segments.monetary_high
    )

select
    segmented.person_id,
    segmented.recency_days,
    segmented.frequency_count,
    cast(segmented.monetary_minor as bigint) as monetary_minor,
    base.base_currency as currency,
    cast(segmented.recency_quintile as integer) as recency_quintile,
    cast(segmented.frequency_quintile as integer) as frequency_quintile,
    cast(segmented.monetary_quintile as integer) as monetary_quintile,
    segmented.segment,
    segmented.breakpoints_version
from segmented
cross join base
where segmented.segment_rank = 1
