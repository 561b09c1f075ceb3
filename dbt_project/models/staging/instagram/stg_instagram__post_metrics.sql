{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per figure of a medium or story of an account on Instagram and slot. Likes and comments are the counters of
-- the medium, which are never late. Meta calls impressions views by now; the raw table has its own names.
with
    figures as (
        select
            * replace (
                case
                    metric
                    when 'views'
                    then 'impressions'
                    when 'like_count'
                    then 'likes'
                    when 'comments_count'
                    then 'comments'
                    when 'saved'
                    then 'saves'
                    else concat_ws('_', metric, breakdown)
                end as metric
            )
        from ({{ newest_rows("instagram", "metrics") }})
        where object_kind in ('media', 'stories') and metric not in ('likes', 'comments')
    )

    {{ network_post_metrics("instagram", "figures", is_organic_only=false) }}
