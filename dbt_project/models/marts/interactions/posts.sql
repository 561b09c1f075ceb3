with
    posts as (select * from {{ every("posts") }} where account_id is not null and not is_deleted),

    branded as (select * from {{ ref("int_posts_branded") }}),

    contents as (select * from {{ ref("int_contents_clustered") }})

select
    posts.post_id,
    contents.content_id,
    branded.brand_id,
    posts.network,
    posts.account_id,
    posts.post_kind,
    posts.published_at,
    branded.published_date,
    posts.language_hint,
    posts.campaign,
    posts.url,
    posts.is_paid,
    posts.is_boosted,
    posts.parent_post_id,
    branded.followers_at_publish_count
from posts
inner join branded using (post_id)
left join contents using (post_id)
