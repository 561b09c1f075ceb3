{{ config(materialized="view") }}

-- One row per post of the brand: whose it is, and how many followed the account then. A number of followers that was
-- read more than seven days before says nothing about that day.
with
    posts as (select * from {{ every("posts") }} where account_id is not null),

    accounts as (select * from {{ ref("int_accounts") }}),

    brands as (select * from {{ ref("int_brands") }}),

    followers as (
        select network, account_id, figure_date, follower_count
        from {{ ref("int_account_figures") }}
        where follower_count is not null
    ),

    dated as (
        select
            posts.post_id,
            posts.load_id,
            accounts.brand_id,
            posts.network,
            posts.account_id,
            posts.published_at,
            {{ local_date("posts.published_at", "brands.time_zone") }} as published_date,
            posts.is_paid,
            posts.is_boosted,
            posts.is_deleted
        from posts
        inner join accounts using (network, account_id)
        inner join brands using (brand_id)
    )

select
    dated.*,
    if(followers.figure_date >= dated.published_date - 7, followers.follower_count, null) as followers_at_publish_count
from dated
asof left join
    followers
    on followers.network = dated.network
    and followers.account_id = dated.account_id
    and followers.figure_date <= dated.published_date
