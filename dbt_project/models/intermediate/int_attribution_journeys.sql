-- One row per month, conversion type, window, path and fold: how many journeys took it, and how they ended.
-- A person's journeys are all in one fold. A run without a conversion counts for every type.
with
    conversions as (select * from {{ ref("int_conversions_netted") }} where not is_reversed),

    paths as (select * from {{ ref("int_attribution_conversion_paths") }}),

    null_runs as (select * from {{ ref("int_attribution_null_runs") }}),

    windows as (
        select distinct window_id, scope, lookback_days, policy
        from {{ ref("int_attribution_models") }}
        where is_channel_grain
    ),

    base as (select * from {{ ref("int_base_currency") }}),

    -- A conversion without a touch has the empty path.
    converted as (
        select
            {{ start_of("month", local_date("conversions.converted_at", "base.time_zone")) }} as period_start_date,
            conversions.conversion_type,
            windows.window_id,
            coalesce(paths.path, {{ no_codes() }}) as path,
            {{ fold_of("coalesce(conversions.person_id, conversions.conversion_id)") }} as fold,
            1 as conversion_count,
            0 as null_count,
            conversions.value_minor
        from conversions
        cross join base
        cross join windows
        left join paths on paths.conversion_id = conversions.conversion_id and paths.window_id = windows.window_id
    ),

    not_converted as (
        select
            {{ start_of("month", local_date("null_runs.last_touched_at", "base.time_zone")) }} as period_start_date,
            types.conversion_type,
            null_runs.window_id,
            null_runs.path,
            {{ fold_of("null_runs.timeline_id") }} as fold,
            0 as conversion_count,
            1 as null_count,
            0 as value_minor
        from null_runs
        cross join base
        cross join (select distinct conversion_type from conversions) as types
    ),

    journeys as (
        select *
        from converted
        union all
        select *
        from not_converted
    )

select
    journeys.period_start_date,
    journeys.conversion_type,
    journeys.window_id,
    windows.scope,
    windows.lookback_days,
    windows.policy,
    journeys.path,
    journeys.fold,
    cast(sum(journeys.conversion_count) as bigint) as conversion_count,
    cast(sum(journeys.null_count) as bigint) as null_count,
    cast(sum(journeys.value_minor) as bigint) as value_minor,
    fsum(cast(journeys.value_minor as double) * journeys.value_minor) as value_squared_sum
from journeys
inner join windows using (window_id)
group by
    journeys.period_start_date,
    journeys.conversion_type,
    journeys.window_id,
    windows.scope,
    windows.lookback_days,
    windows.policy,
    journeys.path,
    journeys.fold
