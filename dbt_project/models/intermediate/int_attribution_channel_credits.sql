-- One row per month, conversion type, scope, model and channel: credit of touch-grain models, summed.
-- A draw of the Poisson bootstrap weighs each conversion with mean and variance 1: the variance of
-- an additive credit is the sum of its squares, no draw is needed.
with
    credits as (select * from {{ ref("attribution_credits") }}),

    conversions as (
        select
            conversions.conversion_id,
            conversions.conversion_type,
            conversions.is_reversed,
            {{ start_of("month", local_date("conversions.converted_at", "base.time_zone")) }} as period_start_date
        from {{ ref("conversions") }} as conversions
        cross join {{ ref("int_base_currency") }} as base
    ),

    by_conversion as (
        select
            conversion_id,
            model_id,
            scope,
            channel_id,
            fsum(weight) as weight,
            sum(credit_minor) as credit_minor,
            sum(participation_minor) as participation_minor
        from credits
        group by conversion_id, model_id, scope, channel_id
    )

select
    conversions.period_start_date,
    conversions.conversion_type,
    by_conversion.scope,
    by_conversion.model_id,
    by_conversion.channel_id,
    round(fsum(case when conversions.is_reversed then 0 else by_conversion.weight end), 9) as conversion_count,
    cast(sum(by_conversion.credit_minor) as bigint) as credit_minor,
    cast(sum(by_conversion.participation_minor) as bigint) as participation_minor,
    sqrt(fsum(cast(by_conversion.credit_minor as double) * by_conversion.credit_minor)) as credit_deviation
from by_conversion
inner join conversions using (conversion_id)
group by
    conversions.period_start_date,
    conversions.conversion_type,
    by_conversion.scope,
    by_conversion.model_id,
    by_conversion.channel_id
