{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_months', touched_months()) }}",
            "{{ delete_noted('period_start_date in (from touched_months)') }}",
        ],
    )
}}

-- One row per month, conversion type, scope, model and channel: credit of touch-grain models, summed. A month none of
-- whose conversions was credited anew keeps its rows; `evidence_hash` says from which credits they are.
-- A draw of the Poisson bootstrap weighs each conversion with mean and variance 1: the variance of
-- an additive credit is the sum of its squares, no draw is needed.
with
    credits as (select * from {{ ref("attribution_credits") }}),

    months as ({{ month_evidence() }}),

    -- Groups of numbers are faster than groups of names.
    conversions as materialized(
        select
            months.period_start_date,
            months.evidence_hash,
            conversions.conversion_id,
            conversions.conversion_type,
            conversions.is_reversed,
            row_number() over () as conversion_number
        from {{ ref("conversions") }} as conversions
        cross join {{ ref("int_base_currency") }} as base
        inner join
            months
            on months.period_start_date
            = {{ start_of("month", local_date("conversions.converted_at", "base.time_zone")) }}
        {% if is_incremental() -%} where months.period_start_date in (from touched_months) {%- endif %}
    ),

    by_conversion as (
        select
            conversions.conversion_number,
            credits.model_id,
            credits.scope,
            credits.channel_id,
            fsum(credits.weight) as weight,
            sum(credits.credit_minor) as credit_minor,
            sum(credits.participation_minor) as participation_minor
        from credits
        inner join conversions using (conversion_id)
        group by conversions.conversion_number, credits.model_id, credits.scope, credits.channel_id
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
    sqrt(fsum(cast(by_conversion.credit_minor as double) * by_conversion.credit_minor)) as credit_deviation,
    any_value(conversions.evidence_hash) as evidence_hash
from by_conversion
inner join conversions using (conversion_number)
group by
    conversions.period_start_date,
    conversions.conversion_type,
    by_conversion.scope,
    by_conversion.model_id,
    by_conversion.channel_id
