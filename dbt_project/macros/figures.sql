{#- What networks call the figures of a post, after staging. -#}
{% macro post_figures() -%}
    {{
        return(
            [
                "impressions",
                "reach",
                "reactions",
                "likes",
                "comments",
                "replies",
                "shares",
                "reposts",
                "quotes",
                "saves",
                "bookmarks",
                "clicks",
                "author_url_link_clicks",
                "author_impression_count",
            ]
        )
    }}
{%- endmacro %}

{#- Those names in common words. A part that a network does not know stays empty. -#}
{% macro common_figures(relation) -%}
    select
        *,
        coalesce(impressions, author_impression_count) as impression_count,
        coalesce(reactions, reactions_by_kind, likes) as reaction_count,
        coalesce(comments, replies) as comment_count,
        {{ sum_of_known(["shares", "reposts", "quotes"]) }} as share_count,
        coalesce(saves, bookmarks) as save_count,
        coalesce(clicks, author_url_link_clicks) as click_count
    from {{ relation }}
{%- endmacro %}

{#- The sum of those columns that are not NULL; NULL where all are: what nobody reported is not zero. -#}
{% macro sum_of_known(columns) -%}
    if(
        coalesce({{ columns | join(", ") }}) is null,
        null,
        {% for column in columns -%} coalesce({{ column }}, 0){{ " + " if not loop.last }}{%- endfor %}
    )
{%- endmacro %}

{#-
    Posts with new figures, posts that changed, and posts of which a lookup says something else than it did: another
    brand, or another number of followers on the day.
-#}
{% macro touched_post_figures() -%}
    with
        new_loads as ({{ unabsorbed_loads() }}),

        known as (
            select post_id, min(brand_id) as brand_id, min(followers_at_publish_count) as followers
            from {{ this }}
            group by post_id
        )
    select post_id
    from {{ every("post_metrics") }}
    where load_id in (from new_loads)
    union
    select posts.post_id
    from {{ ref("int_posts_branded") }} as posts
    left join known using (post_id)
    where
        posts.load_id in (from new_loads)
        or known.post_id is not null
        and (known.brand_id, known.followers) is distinct from (posts.brand_id, posts.followers_at_publish_count)
    union
    select post_id
    from known
    anti join {{ ref("int_posts_branded") }} as posts using (post_id)
{%- endmacro %}
