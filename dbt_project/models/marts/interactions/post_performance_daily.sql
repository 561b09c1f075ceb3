{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_post_figures', touched_post_figures()) }}",
            "{{ delete_noted('post_id in (from touched_post_figures)') }}",
        ],
    )
}}

with
    metrics as (
        select *
        from {{ every("post_metrics") }}
        where not is_deleted {%- if is_incremental() %} and post_id in (from touched_post_figures) {%- endif %}
    ),

    posts as (select * from {{ ref("int_posts_branded") }}),

    brands as (select * from {{ ref("int_brands") }}),

    -- The newest reading of a date that says something. A day's own figures add up to those of the life so far.
    readings as (
        select
            metrics.post_id,
            metrics.metric,
            metrics.basis is not distinct from 'daily' as is_daily,
            coalesce(metrics.metric_date, {{ local_date("metrics.observed_at", "brands.time_zone") }}) as observed_date,
            arg_max(metrics.value, {'at':metrics.observed_at, 'id':metrics.native_id}) as value,
            count(distinct metrics.value) > 1 as is_restated,
            bool_and(coalesce(metrics.is_organic_only, false)) as is_organic_only
        from metrics
        inner join posts using (post_id)
        inner join brands using (brand_id)
        group by all
    ),

    lifetimes as (
        select
            * exclude (value),
            if(
                is_daily, sum(value) over (partition by post_id, metric, is_daily order by observed_date), value
            ) as value
        from readings
        qualify not is_daily or bool_and(is_daily) over (partition by post_id, metric)
    ),

    spread as (
        select
            post_id,
            observed_date,
            {% for metric in post_figures() -%}
                cast(max(value) filter (metric = '{{ metric }}') as bigint) as {{ metric }},
            {% endfor -%}
            cast(sum(value) filter (starts_with(metric, 'reactions_')) as bigint) as reactions_by_kind,
            count(*) as asked_figure_count,
            count(value) as reported_figure_count,
            bool_or(is_restated) as is_restated,
            bool_and(is_organic_only) as is_organic_only
        from lifetimes
        group by all
    ),

    engaged as (
        select
            *, {{ sum_of_known(["reaction_count", "comment_count", "share_count", "save_count"]) }} as engagement_count
        from ({{ common_figures("spread") }}) as figures
    )

select
    posts.post_id,
    engaged.observed_date,
    posts.brand_id,
    posts.network,
    posts.account_id,
    posts.published_date,
    engaged.observed_date - posts.published_date as age_days,
    posts.is_paid,
    posts.is_boosted,
    case
        when engaged.is_organic_only
        then true
        when posts.is_paid or posts.is_boosted
        then false
        when posts.is_paid is not null and posts.is_boosted is not null
        then true
    end as is_organic,
    engaged.impression_count,
    engaged.reach as reach_count,
    coalesce(engaged.impression_count, engaged.reach) as exposure_count,
    case
        when engaged.impression_count is not null then 'impressions' when engaged.reach is not null then 'reach'
    end as exposure_basis,
    engaged.reaction_count,
    engaged.comment_count,
    engaged.share_count,
    engaged.save_count,
    engaged.click_count,
    engaged.engagement_count,
    posts.followers_at_publish_count,
    engaged.engagement_count / nullif(engaged.impression_count, 0) as engagement_rate_by_impressions,
    engaged.engagement_count / nullif(engaged.reach, 0) as engagement_rate_by_reach,
    engaged.engagement_count / nullif(posts.followers_at_publish_count, 0) as engagement_rate_by_followers,
    engaged.share_count / nullif(coalesce(engaged.impression_count, engaged.reach), 0) as amplification_rate,
    engaged.asked_figure_count,
    engaged.reported_figure_count,
    engaged.reported_figure_count / engaged.asked_figure_count as coverage,
    engaged.is_restated,
    posts.is_deleted
from engaged
inner join posts using (post_id)
