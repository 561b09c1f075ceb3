{{ config(materialized="view") }}

-- One row per act of a person that is no message: reactions, answers to surveys, dates with a purchase.
with
    reactions as (select * from {{ ref("int_post_and_reaction_acts") }} where act_group = 'reaction'),

    brands as (select * from {{ ref("int_brands") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    answers as (
        select *
        from {{ every("survey_responses") }}
        where not is_deleted and completed_at is not null and score is not null and scale_max > scale_min
    ),

    answered as ({{ with_person("answers") }})

select
    if(reactions.act in ('share', 'repost', 'quote'), 'share', 'reaction') as act,
    reactions.person_id,
    reactions.brand_id,
    reactions.interaction_id as source_id,
    {{ local_date("reactions.occurred_at", "brands.time_zone") }} as act_date,
    null::bigint as order_count,
    null::bigint as revenue_minor,
    null::bigint as margin_minor,
    null::double as answer_share
from reactions
inner join brands using (brand_id)
where
    reactions.person_id is not null
    and reactions.occurred_at is not null
    and reactions.act not in ('unfollow', 'angry', 'sad')
    and not (reactions.is_deleted or reactions.is_automated or reactions.is_by_brand)
union all
select
    'survey_answer',
    answered.person_id,
    null,
    answered.source || '|' || answered.native_id,
    {{ local_date("answered.completed_at", "base.time_zone") }},
    null,
    null,
    null,
    greatest(least((answered.score - answered.scale_min) / (answered.scale_max - answered.scale_min), 1), 0)
from answered
cross join base
where answered.person_id is not null
union all
select
    'purchase',
    person_id,
    null,
    strftime(purchase_date, '%Y-%m-%d'),
    purchase_date,
    order_count,
    revenue_minor,
    -- Without a margin rate revenue stands in for margin, as `margin_basis` says.
    coalesce(margin_minor, revenue_minor),
    null
from {{ ref("int_purchases") }}
