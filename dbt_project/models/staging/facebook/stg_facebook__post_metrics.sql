{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per figure of a post of a page on Facebook and night. Names that Meta replaced go on as one series; the raw
-- table has the name that was asked for. Paid reach is in all of them.
with
    videos as (select distinct id, post_id as post_of_video from {{ source("facebook", "videos") }}),

    figures as (
        select
            picked.* replace (
                case
                    when metric in ('post_media_view', 'post_impressions')
                    then 'impressions'
                    when metric in ('post_total_media_view_unique', 'post_impressions_unique')
                    then 'reach'
                    when metric = 'post_clicks'
                    then 'clicks'
                    when metric = 'post_reactions_like_total'
                    then 'likes'
                    when metric = 'post_reactions_by_type_total'
                    then concat_ws('_', 'reactions', breakdown)
                    else concat_ws('_', metric, breakdown)
                end as metric
            ),
            coalesce(videos.post_of_video, picked.object_id) as post
        from ({{ newest_rows("facebook", "metrics") }}) as picked
        left join videos on videos.id = case when picked.object_kind = 'videos' then picked.object_id end
        where picked.object_kind in ('posts', 'videos') and picked.period = 'lifetime'
    )

    {{ network_post_metrics("facebook", "figures", is_organic_only=false, object_id="post") }}
