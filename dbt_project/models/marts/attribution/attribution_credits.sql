{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ keep_old_credits() }}",
            "{{ delete_noted('conversion_id in (' ~ touched_conversions() ~ ')') }}",
        ],
        post_hook=["{{ remember_credited() }}"],
    )
}}

-- Only of touched conversions; what else rests on them is up to date before they count as credited:
-- depends_on: {{ ref("int_attribution_conversion_paths") }}
with
    weighted as (select * from {{ ref("int_attribution_weighted") }}),

    -- Windows sort by numbers several times as fast as by names.
    models as materialized(select *, row_number() over () as model_number from {{ ref("int_attribution_models") }}),

    conversions as materialized(
        select *, row_number() over () as conversion_number, abs(value_minor) as size_minor
        from {{ ref("int_conversions_netted") }}
        semi join ({{ touched_conversions() }}) as touched using (conversion_id)
    ),

    touchpoints as (select * from {{ ref("touchpoints") }}),

    current_run as (select * from {{ source("ops", "current_run") }}),

    valued as (
        select
            conversions.conversion_number,
            models.model_number,
            conversions.size_minor,
            weighted.touch_id,
            weighted.touch_index,
            weighted.path_length,
            weighted.weight
        from weighted
        inner join conversions using (conversion_id)
        inner join models using (model_id)
    ),

    floored as (select *, cast(floor(weight * size_minor) as bigint) as base_minor from valued where weight < 1),

    -- Largest remainders first, ties by place on the path.
    ranked as (
        select
            *,
            cast(
                size_minor - sum(base_minor) over (partition by conversion_number, model_number) as bigint
            ) as short_minor,
            count(*) over (partition by conversion_number, model_number) as share_count,
            row_number() over (
                partition by conversion_number, model_number
                order by weight * size_minor - base_minor desc, touch_index, touch_id
            ) as remainder_rank
        from floored
        where weight > 0
    ),

    -- Above 2^53 minor units a product of doubles can miss by more than one unit a touch: whole
    -- rounds go to all.
    shared as (select *, cast(floor(short_minor / cast(share_count as double)) as bigint) as round_minor from ranked),

    -- A touch of weight 1 is alone and has all; one of weight 0 takes part and has nothing.
    credited as (
        select
            conversion_number,
            model_number,
            touch_id,
            touch_index,
            path_length,
            weight,
            base_minor
            + round_minor
            + case when remainder_rank <= short_minor - share_count * round_minor then 1 else 0 end as credit_size_minor
        from shared
        union all
        select
            conversion_number,
            model_number,
            touch_id,
            touch_index,
            path_length,
            weight,
            case when weight > 0 then size_minor else 0 end as credit_size_minor
        from valued
        where weight = 1 or weight = 0
    )

select
    conversions.conversion_id,
    credited.touch_id,
    models.model_id,
    models.scope,
    coalesce(touchpoints.channel_id, '(none)') as channel_id,
    touchpoints.campaign,
    coalesce(touchpoints.touch_type, '(none)') as touch_type,
    coalesce(touchpoints.is_relationship, false) as is_relationship,
    coalesce(touchpoints.person_id, conversions.person_id) as person_id,
    conversions.company_id,
    cast(credited.touch_index as integer) as touch_index,
    cast(credited.path_length as integer) as path_length,
    {{ elapsed_seconds("touchpoints.touched_at", "conversions.converted_at") }} as seconds_to_conversion,
    credited.weight,
    case
        when conversions.value_minor < 0 then - credited.credit_size_minor else credited.credit_size_minor
    end as credit_minor,
    case when not models.is_credit then conversions.value_minor end as participation_minor,
    conversions.currency,
    models.lookback_days,
    models.policy,
    current_run.as_of as computed_at
from credited
inner join models using (model_number)
inner join conversions using (conversion_number)
cross join current_run
left join touchpoints on touchpoints.touch_id = credited.touch_id
