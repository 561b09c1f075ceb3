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

    -- All of them. The planner does not see how many rows lists become; taking this for a choice of some, it holds
    -- the touches in memory and not the credits.
    touches as (select * from {{ ref("int_attribution_eligible_touches") }} where touch_number > 0),

    models as (select * from {{ ref("int_attribution_models") }}),

    conversions as (select * from {{ ref("int_conversions_netted") }}),

    current_run as (select * from {{ source("ops", "current_run") }}),

    floored as (
        select
            conversions.conversion_id,
            conversions.person_id,
            conversions.company_id,
            conversions.value_minor,
            conversions.currency,
            epoch_us(conversions.converted_at) as converted_at,
            models.model_id,
            models.scope,
            models.is_credit,
            models.lookback_days,
            models.policy,
            weighted.shares,
            case when models.is_credit then abs(conversions.value_minor) else 0 end as whole_minor,
            list_transform(weighted.shares, lambda share:cast(floor(share.weight * whole_minor) as bigint)) as parts,
            list_transform(
                weighted.shares, lambda share, place:{{ remainder_key("share.weight * whole_minor", "place") }}
            ) as remainder_keys
        from weighted
        inner join conversions using (conversion_id)
        inner join models using (model_id)
    ),

    shorts as (
        select *, nullif(len(shares), 0) as share_count, cast(whole_minor - list_sum(parts) as bigint) as short_minor
        from floored
    ),

    -- Above 2^53 minor units a product of doubles can miss by more than one unit a touch: whole
    -- rounds go to all.
    shared as (select *, cast(floor(short_minor / cast(share_count as double)) as bigint) as round_minor from shorts),

    -- Largest remainders first, ties by place on the path: up to which of them one unit more is left.
    ranked as (
        select *, coalesce(list_sort(remainder_keys)[short_minor - share_count * round_minor], 0) as last_key
        from shared
    ),

    credited as (
        select
            * exclude (shares, parts, remainder_keys),
            unnest(shares) as share,
            unnest(parts) as part_minor,
            unnest(remainder_keys) as remainder_key
        from ranked
    )

select
    credited.conversion_id,
    coalesce(touches.touch_id, '(none)') as touch_id,
    credited.model_id,
    credited.scope,
    coalesce(touches.channel_id, '(none)') as channel_id,
    touches.campaign,
    coalesce(touches.touch_type, '(none)') as touch_type,
    coalesce(touches.is_relationship, false) as is_relationship,
    coalesce(touches.person_id, credited.person_id) as person_id,
    credited.company_id,
    cast(credited.share.touch_index as integer) as touch_index,
    cast(credited.share.path_length as integer) as path_length,
    {{ whole_quotient("credited.converted_at - epoch_us(touches.touched_at)", 1000000) }} as seconds_to_conversion,
    credited.share.weight as weight,
    sign(credited.value_minor) * (
        credited.part_minor + credited.round_minor + cast(credited.remainder_key <= credited.last_key as bigint)
    ) as credit_minor,
    case when not credited.is_credit then credited.value_minor end as participation_minor,
    credited.currency,
    credited.lookback_days,
    credited.policy,
    current_run.as_of as computed_at
from credited
cross join current_run
left join touches on touches.touch_number = credited.share.touch_number
