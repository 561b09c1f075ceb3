with
    figures as (select * from {{ ref("post_performance_daily") }} where not is_deleted),

    posts as (select * from {{ ref("int_posts_branded") }} where not is_deleted and published_date is not null),

    acts as (
        select brand_id, network, occurred_date as engagement_date, is_paid, act_group, person_id
        from {{ ref("interactions") }}
        where
            direction <> 'outbound'
            and not is_deleted
            and not coalesce(is_by_brand or is_automated, false)
            and occurred_date is not null
    ),

    -- What a post's figures grew by since they were read before. Reach is of people, who come again: it does not add
    -- up.
    grown as (
        select
            brand_id,
            network,
            observed_date as engagement_date,
            case when is_organic then 'organic' when not is_organic then 'paid' else 'unknown' end as reach_kind,
            {% for figure in ["impression", "reaction", "comment", "share", "save", "click", "engagement"] -%}
                {{ figure }}_count
                - coalesce(last_value({{ figure }}_count ignore nulls) over before, 0) as {{ figure }}_count,
            {% endfor -%}
            reported_figure_count,
            asked_figure_count
        from figures
        window before as (partition by post_id order by observed_date rows between unbounded preceding and 1 preceding)
    ),

    observed as (
        select
            brand_id,
            network,
            engagement_date,
            reach_kind,
            count(*) as observed_post_count,
            count(impression_count) as exposed_post_count,
            {% for figure in ["impression", "reaction", "comment", "share", "save", "click", "engagement"] -%}
                cast(sum({{ figure }}_count) as bigint) as {{ figure }}_count,
            {% endfor -%}
            cast(sum(engagement_count) filter (impression_count is not null) as bigint) as covered_engagement_count,
            cast(sum(impression_count) filter (engagement_count is not null) as bigint) as covered_impression_count
        from grown
        group by all
    ),

    published as (
        select
            brand_id,
            network,
            published_date as engagement_date,
            case
                when is_paid or is_boosted then 'paid' when not is_paid and not is_boosted then 'organic' else 'unknown'
            end as reach_kind,
            count(*) as published_post_count
        from posts
        group by all
    ),

    acted as (
        select
            brand_id,
            network,
            engagement_date,
            if(is_paid, 'paid', 'organic') as reach_kind,
            count(*) as act_count,
            count(*) filter (act_group = 'message') as message_act_count,
            count(distinct person_id) as active_people_count
        from acts
        group by all
    )

select
    brand_id,
    network,
    engagement_date,
    reach_kind,
    coalesce(published_post_count, 0) as published_post_count,
    coalesce(observed_post_count, 0) as observed_post_count,
    coalesce(exposed_post_count, 0) as exposed_post_count,
    impression_count,
    reaction_count,
    comment_count,
    share_count,
    save_count,
    click_count,
    engagement_count,
    covered_impression_count,
    covered_engagement_count,
    covered_engagement_count / nullif(covered_impression_count, 0) as engagement_rate_by_impressions,
    exposed_post_count / nullif(observed_post_count, 0) as coverage,
    coalesce(act_count, 0) as act_count,
    coalesce(message_act_count, 0) as message_act_count,
    coalesce(active_people_count, 0) as active_people_count
from observed
full join published using (brand_id, network, engagement_date, reach_kind)
full join acted using (brand_id, network, engagement_date, reach_kind)
