with
    posts as (select * from {{ ref("posts") }} where content_id is not null),

    figures as (select * from {{ ref("post_performance_daily") }}),

    newest as (
        select
            post_id,
            arg_max(impression_count, observed_date) as impression_count,
            arg_max(engagement_count, observed_date) as engagement_count
        from figures
        group by post_id
    )

select
    posts.content_id,
    posts.brand_id,
    min(posts.published_at) as first_published_at,
    min(posts.published_date) as first_published_date,
    arg_min(posts.network, {'at':posts.published_at, 'id':posts.post_id}) as first_network,
    count(*) as post_count,
    count(distinct posts.network) as network_count,
    string_agg(distinct posts.network, ', ' order by posts.network) as networks,
    count(distinct posts.network || '|' || posts.account_id) > 1 as is_cross_posted,
    cast(sum(newest.impression_count) as bigint) as impression_count,
    cast(sum(newest.engagement_count) as bigint) as engagement_count,
    cast(sum(newest.engagement_count) filter (newest.impression_count is not null) as bigint) / nullif(
        sum(newest.impression_count) filter (newest.engagement_count is not null), 0
    ) as engagement_rate_by_impressions,
    count(newest.impression_count) as exposed_post_count,
    count(newest.impression_count) / count(*) as coverage
from posts
left join newest using (post_id)
group by posts.content_id, posts.brand_id
