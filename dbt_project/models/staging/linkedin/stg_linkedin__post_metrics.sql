{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per figure of a post of a page on LinkedIn and night: organic, of the last 12 months.
with
    figures as (
        select
            * replace (
                case
                    metric
                    when 'impressionCount'
                    then 'impressions'
                    when 'uniqueImpressionsCount'
                    then 'reach'
                    when 'clickCount'
                    then 'clicks'
                    when 'shareCount'
                    then 'shares'
                    when 'likeCount'
                    then 'likes'
                    when 'commentCount'
                    then 'comments'
                    when 'comments'
                    then 'comments_shown'
                    else metric
                end as metric
            )
        from ({{ newest_rows("linkedin", "metrics") }})
        where object_kind = 'posts' and period = 'lifetime'
    )

    {{ network_post_metrics("linkedin", "figures", is_organic_only=true) }}
