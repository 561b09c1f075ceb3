{{ config(materialized="view") }}

-- One row per conversion and model: `shares` lists its touches with a weight above 0, in path order; without an
-- eligible touch the touch number 0. Participation weighs nothing and lists a touch per channel.
with
    conversions as ({{ touched_conversions() }}),

    paths as (select * from {{ ref("int_attribution_paths") }}),

    models as (select * from {{ ref("int_attribution_models") }} where not is_channel_grain),

    by_place as (
        select paths.path_id, shapes.model_id, shapes.weights, 1.0 as total_weight
        from paths
        inner join
            (
                select shape_id, model_id, {{ sorted_weights("touch_index", "weight") }} as weights
                from {{ ref("int_attribution_shape_weights") }}
                group by shape_id, model_id
            ) as shapes using (shape_id)
    ),

    detailed as ({{ detailed_weights() }}),

    weighted as (
        select *
        from by_place
        union all
        select *
        from detailed
    ),

    shared as (
        select
            paths.conversion_id,
            weighted.model_id,
            paths.path_share,
            list_filter(
                list_transform(
                    weighted.weights,
                    lambda place: {
                        'touch_index':place.touch_index,
                        'touch_number':paths.touch_numbers[place.touch_index],
                        'path_length':paths.path_length,
                        'weight':place.weight / weighted.total_weight * paths.path_share
                    }
                ),
                lambda share:share.weight > {{ smallest_weight() }} or not models.is_credit
            ) as shares
        from weighted
        inner join paths using (path_id)
        inner join models using (model_id)
    )

select conversion_id, model_id, shares
from shared
where path_share = 1
union all
-- Several people have a part: their touches on one list.
select conversion_id, model_id, list_sort(flatten(list(shares))) as shares
from shared
where path_share < 1
group by conversion_id, model_id
union all
select
    conversions.conversion_id,
    models.model_id,
    [
        {'touch_index':0, 'touch_number':0, 'path_length':0, 'weight': case when models.is_credit then 1.0 else 0.0 end}
    ] as shares
from conversions
cross join models
left join
    (select distinct conversion_id, window_id from paths) as touched
    on touched.conversion_id = conversions.conversion_id
    and touched.window_id = models.window_id
where touched.conversion_id is null
