-- One row per shape of paths, model and place with a weight: what a rule says that looks at places only.
-- Thousands of paths have one shape; their weights are computed once.
with
    shapes as (
        select distinct shape_id, window_id, path_length, non_direct_index, lead_index, deal_index
        from {{ ref("int_attribution_paths") }}
    ),

    models as (select * from {{ ref("int_attribution_models") }}),

    roles as (select * from {{ ref("int_attribution_roles") }}),

    -- Where each role falls; one that does not occur falls nowhere.
    placed as (
        select
            shapes.shape_id,
            roles.model_id,
            roles.role,
            roles.weight,
            case
                when roles.role = 'lead_creation'
                then shapes.lead_index
                when roles.role = 'deal_creation'
                then shapes.deal_index
                when roles.place > 0
                then roles.place
                else shapes.path_length + 1 + roles.place
            end as touch_index,
            shapes.path_length
        from shapes
        inner join roles using (window_id)
        where roles.role <> 'middle'
    ),

    role_touches as (
        select shape_id, model_id, touch_index, round(fsum(weight), 15) as weight
        from placed
        where touch_index between 1 and path_length
        group by shape_id, model_id, touch_index
    ),

    role_counts as (select shape_id, model_id, count(*) as touch_count from role_touches group by shape_id, model_id),

    places as (select *, unnest({{ numbers_up_to("path_length") }}) as touch_index from shapes),

    raw_weights as (
        select
            places.shape_id,
            models.model_id,
            places.touch_index,
            places.path_length,
            case
                when models.family = 'linear'
                then 1.0
                when models.family = 'first_touch'
                then case when places.touch_index = 1 then 1.0 else 0.0 end
                when models.family = 'last_touch'
                then case when places.touch_index = places.path_length then 1.0 else 0.0 end
                when models.family = 'last_non_direct'
                then
                    case
                        when places.touch_index = coalesce(places.non_direct_index, places.path_length)
                        then 1.0
                        else 0.0
                    end
                when role_touches.weight is not null
                then role_touches.weight
                else coalesce(middles.weight, 0) / (places.path_length - coalesce(role_counts.touch_count, 0))
            end as weight
        from places
        inner join models using (window_id)
        left join role_touches using (shape_id, model_id, touch_index)
        left join role_counts using (shape_id, model_id)
        left join roles as middles on middles.model_id = models.model_id and middles.role = 'middle'
        where models.family in ('linear', 'first_touch', 'last_touch', 'last_non_direct', 'position')
    ),

    summed as (select *, {{ exact_sum("weight", "partition by shape_id, model_id") }} as total_weight from raw_weights),

    -- A model none of whose roles occur divides evenly.
    divided as (
        select
            *, case when total_weight > 0 then weight / total_weight else 1 / cast(path_length as double) end as share
        from summed
    )

select shape_id, model_id, touch_index, share as weight
from divided
where share > 0
