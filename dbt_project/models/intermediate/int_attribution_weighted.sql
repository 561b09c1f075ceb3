{{ config(materialized="view") }}

-- One row per conversion, model and touch with a weight above 0; without an eligible touch one
-- row at '(none)'. Participation weighs nothing and has a row per channel.
with
    conversions as ({{ touched_conversions() }}),

    eligible as (select * from {{ ref("int_attribution_eligible_touches") }}),

    paths as (select * from {{ ref("int_attribution_paths") }}),

    models as (select * from {{ ref("int_attribution_models") }} where not is_channel_grain),

    shape_weights as (select * from {{ ref("int_attribution_shape_weights") }}),

    by_place as (
        select eligible.path_id, eligible.touch_id, eligible.touch_index, shape_weights.model_id, shape_weights.weight
        from eligible
        inner join paths using (path_id)
        inner join shape_weights using (shape_id, touch_index)
    ),

    -- Ages count from the last touch, which changes no share: no power of a half becomes 0 for all.
    decayed as (
        select
            eligible.path_id,
            eligible.touch_id,
            eligible.touch_index,
            models.model_id,
            power(
                0.5,
                (extract(epoch from paths.last_touched_at) - extract(epoch from eligible.touched_at))
                / models.half_life_seconds
            ) as weight
        from eligible
        inner join paths using (path_id)
        inner join models on models.window_id = paths.window_id and models.family = 'time_decay'
    ),

    by_age as (
        select
            path_id,
            touch_id,
            touch_index,
            model_id,
            weight / {{ exact_sum("weight", "partition by path_id, model_id") }} as weight
        from decayed
    ),

    -- Each channel of the path the same; a channel's part evenly over its touches.
    by_channel as (
        select
            eligible.path_id,
            eligible.touch_id,
            eligible.touch_index,
            models.model_id,
            models.is_credit,
            count(*) over channel_touches as channel_touch_count,
            row_number() over (channel_touches order by eligible.touch_index) as channel_touch_number,
            paths.channel_count
        from eligible
        inner join paths using (path_id)
        inner join
            models on models.window_id = paths.window_id and models.family in ('shapley_additive', 'participation')
        window channel_touches as (partition by eligible.path_id, models.model_id, eligible.channel_id)
    ),

    weighted as (
        select *
        from by_place
        union all
        select *
        from by_age
        union all
        select
            path_id,
            touch_id,
            touch_index,
            model_id,
            case when is_credit then 1 / (cast(channel_count as double) * channel_touch_count) else 0.0 end as weight
        from by_channel
        where is_credit or channel_touch_number = 1
    ),

    untouched as (
        select conversions.conversion_id, models.model_id, models.is_credit
        from conversions
        cross join models
        left join
            (select distinct conversion_id, window_id from paths) as touched
            on touched.conversion_id = conversions.conversion_id
            and touched.window_id = models.window_id
        where touched.conversion_id is null
    )

select
    paths.conversion_id,
    weighted.model_id,
    weighted.touch_id,
    weighted.touch_index,
    paths.path_length,
    weighted.weight * paths.path_share as weight
from weighted
inner join paths using (path_id)
inner join models using (model_id)
where weighted.weight * paths.path_share > {{ smallest_weight() }} or not models.is_credit
union all
select
    conversion_id,
    model_id,
    '(none)' as touch_id,
    0 as touch_index,
    0 as path_length,
    case when is_credit then 1.0 else 0.0 end as weight
from untouched
