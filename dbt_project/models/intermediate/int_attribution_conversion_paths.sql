{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=["{{ delete_noted('conversion_id in (' ~ touched_conversions() ~ ')') }}"],
    )
}}

-- One row per conversion with a touch and window of the default model or of whole channels: the channels' numbers in
-- path order. Those of conversions whose credit stays as it is are kept.
with
    paths as (select * from {{ ref("int_attribution_paths") }}),

    touches as (
        select touches.touch_number, codes.channel_code
        from {{ ref("int_attribution_eligible_touches") }} as touches
        inner join {{ ref("int_attribution_channel_codes") }} as codes using (channel_id)
    ),

    windows as (
        select distinct window_id from {{ ref("int_attribution_models") }} where is_channel_grain or is_default
    ),

    places as (
        select
            paths.conversion_id,
            paths.window_id,
            unnest(paths.touch_numbers) as touch_number,
            unnest({{ numbers_up_to("paths.path_length") }}) as touch_index
        from paths
        inner join windows using (window_id)
    )

select
    places.conversion_id, places.window_id, {{ codes_in_order("places.touch_index", "touches.channel_code") }} as path
from places
inner join touches using (touch_number)
group by places.conversion_id, places.window_id
