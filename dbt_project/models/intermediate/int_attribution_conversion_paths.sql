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

    eligible as (select * from {{ ref("int_attribution_eligible_touches") }}),

    codes as (select * from {{ ref("int_attribution_channel_codes") }}),

    windows as (select distinct window_id from {{ ref("int_attribution_models") }} where is_channel_grain or is_default)

select paths.conversion_id, paths.window_id, {{ codes_in_order("eligible.touch_index", "codes.channel_code") }} as path
from paths
inner join windows using (window_id)
inner join eligible using (path_id)
inner join codes using (channel_id)
group by paths.conversion_id, paths.window_id
