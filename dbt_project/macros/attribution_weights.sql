{#-
    One row per path and model that looks at the times or channels of its touches: their weights, not yet divided by
    the total.
-#}
{% macro detailed_weights() -%}
    with
        touches as (select * from {{ ref("int_attribution_eligible_touches") }}),

        paths as (select * from {{ ref("int_attribution_paths") }}),

        models as (
            select *
            from {{ ref("int_attribution_models") }}
            where family in ('time_decay', 'shapley_additive', 'participation')
        ),

        places as (
            select
                path_id,
                window_id,
                unnest(touch_numbers) as touch_number,
                unnest({{ numbers_up_to("path_length") }}) as touch_index
            from paths
            semi join models using (window_id)
        ),

        detailed as (
            select places.*, touches.channel_id, touches.touched_at from places inner join touches using (touch_number)
        ),

        last_touches as (select path_id, epoch_us(max(touched_at)) as last_touched_at from detailed group by path_id),

        -- Ages count from the last touch, which changes no share: no power of a half becomes 0 for all.
        decayed as (
            select
                detailed.path_id,
                models.model_id,
                detailed.touch_index,
                power(
                    0.5, (last_touches.last_touched_at - epoch_us(detailed.touched_at)) / 1e6 / models.half_life_seconds
                ) as weight
            from detailed
            inner join last_touches using (path_id)
            inner join models on models.window_id = detailed.window_id and models.family = 'time_decay'
        ),

        by_age as (
            select
                path_id,
                model_id,
                {{ sorted_weights("touch_index", "weight") }} as weights,
                {{ exact_sum("weight") }} as total_weight
            from decayed
            group by path_id, model_id
        ),

        -- Each channel of the path the same; a channel's part evenly over its touches.
        path_channels as (
            select path_id, window_id, channel_id, list(touch_index) as touch_indexes, count(*) as touch_count
            from detailed
            group by path_id, window_id, channel_id
        ),

        channel_touches as (
            select
                path_channels.path_id,
                models.model_id,
                models.is_credit,
                unnest(path_channels.touch_indexes) as touch_index,
                1 / cast(path_channels.touch_count as double) as weight,
                list_min(path_channels.touch_indexes) as first_index
            from path_channels
            inner join models on models.window_id = path_channels.window_id and models.family <> 'time_decay'
        ),

        by_channel as (
            select
                path_id,
                model_id,
                {{ sorted_weights("touch_index", "case when is_credit then weight else 0.0 end") }} as weights,
                count(*) filter (touch_index = first_index) as total_weight
            from channel_touches
            where is_credit or touch_index = first_index
            group by path_id, model_id
        )

    select *
    from by_age
    union all
    select *
    from by_channel
{%- endmacro %}
