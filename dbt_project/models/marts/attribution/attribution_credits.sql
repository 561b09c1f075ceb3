with
    weighted as (select * from {{ ref("int_attribution_weighted") }}),

    conversions as (select * from {{ ref("int_conversions_netted") }}),

    touchpoints as (select * from {{ ref("touchpoints") }}),

    current_run as (select * from {{ source("ops", "current_run") }}),

    valued as (
        select
            weighted.*,
            conversions.person_id,
            conversions.company_id,
            conversions.currency,
            conversions.value_minor,
            abs(conversions.value_minor) as size_minor
        from weighted
        inner join conversions using (conversion_id)
    ),

    floored as (select *, cast(floor(weight * size_minor) as bigint) as base_minor from valued),

    -- Largest remainders first, ties by place on the path.
    ranked as (
        select
            *,
            cast(size_minor - sum(base_minor) over (partition by conversion_id, model_id) as bigint) as short_minor,
            count(*) over (partition by conversion_id, model_id) as share_count,
            row_number() over (
                partition by conversion_id, model_id order by weight * size_minor - base_minor desc, touch_index
            ) as remainder_rank
        from floored
    ),

    -- Above 2^53 minor units a product of doubles can miss by more than one unit a touch: whole
    -- rounds go to all.
    shared as (select *, cast(floor(short_minor / cast(share_count as double)) as bigint) as round_minor from ranked),

    credited as (
        select
            *,
            base_minor
            + round_minor
            + case when remainder_rank <= short_minor - share_count * round_minor then 1 else 0 end as credit_size_minor
        from shared
    )

select
    credited.conversion_id,
    credited.touch_id,
    credited.model_id,
    'person' as scope,
    coalesce(touchpoints.channel_id, '(none)') as channel_id,
    touchpoints.campaign,
    coalesce(touchpoints.touch_type, '(none)') as touch_type,
    coalesce(touchpoints.is_relationship, false) as is_relationship,
    credited.person_id,
    credited.company_id,
    cast(credited.touch_index as integer) as touch_index,
    cast(credited.path_length as integer) as path_length,
    credited.seconds_to_conversion,
    credited.weight,
    case
        when credited.value_minor < 0 then - credited.credit_size_minor else credited.credit_size_minor
    end as credit_minor,
    cast(null as bigint) as participation_minor,
    credited.currency,
    cast(credited.lookback_days as integer) as lookback_days,
    credited.policy,
    current_run.as_of as computed_at
from credited
cross join current_run
left join touchpoints on touchpoints.touch_id = credited.touch_id
