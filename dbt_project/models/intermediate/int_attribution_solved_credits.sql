-- One row per month, conversion type, scope, solved model and channel: the month's matched total
-- divided to the minor unit; what no touch matched is at '(none)'.
with
    effects as (select * from {{ source("solved", "attribution_effects") }}),

    models as (select * from {{ ref("int_attribution_models") }} where is_channel_grain),

    journeys as (select * from {{ ref("int_attribution_journeys") }}),

    conversions as (select * from {{ ref("int_conversions_netted") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    matched as (
        select
            journeys.period_start_date,
            journeys.conversion_type,
            models.model_id,
            sum(journeys.value_minor) as matched_minor,
            sum(journeys.conversion_count) as matched_count
        from journeys
        inner join models using (window_id)
        where {{ list_length("journeys.path") }} > 0
        group by journeys.period_start_date, journeys.conversion_type, models.model_id
    ),

    -- Reversed conversions are no journeys; what more was paid back than paid still is in the ledger.
    booked as (
        select
            {{ start_of("month", local_date("conversions.converted_at", "base.time_zone")) }} as period_start_date,
            conversions.conversion_type,
            sum(conversions.value_minor) as total_minor,
            count(*) filter (where not conversions.is_reversed) as total_count
        from conversions
        cross join base
        group by
            {{ start_of("month", local_date("conversions.converted_at", "base.time_zone")) }},
            conversions.conversion_type
    ),

    totals as (
        select
            booked.*,
            models.scope,
            models.model_id,
            coalesce(matched.matched_minor, 0) as matched_minor,
            coalesce(matched.matched_count, 0) as matched_count
        from booked
        cross join models
        left join matched using (period_start_date, conversion_type, model_id)
    ),

    -- No effect on value where there is no value: its shares are those of the conversions.
    sized as (
        select
            effects.*,
            totals.matched_minor,
            totals.matched_count,
            coalesce(effects.value_share, effects.conversion_share) * abs(totals.matched_minor) as share_minor
        from effects
        inner join totals using (period_start_date, conversion_type, scope, model_id)
    ),

    divided as (
        {{
            largest_remainders(
                "sized",
                "matched_minor",
                "share_minor",
                "period_start_date, conversion_type, scope, model_id",
                "channel_id",
            )
        }}
    ),

    credited as (
        select
            period_start_date,
            conversion_type,
            scope,
            model_id,
            channel_id,
            conversion_share * matched_count as conversion_count,
            part_minor as credit_minor,
            removal_effect,
            removal_effect_value,
            ci_low_minor,
            ci_high_minor,
            is_supported
        from divided
        union all by name
        select
            period_start_date,
            conversion_type,
            scope,
            model_id,
            '(none)' as channel_id,
            total_count - matched_count as conversion_count,
            cast(total_minor - case when is_solved then matched_minor else 0 end as bigint) as credit_minor
        from
            (
                select totals.*, solved.model_id is not null as is_solved
                from totals
                left join
                    (select distinct period_start_date, conversion_type, scope, model_id from effects) as solved using (
                        period_start_date, conversion_type, scope, model_id
                    )
            ) as noted
        where is_solved or matched_count = 0
    )

select *
from credited
