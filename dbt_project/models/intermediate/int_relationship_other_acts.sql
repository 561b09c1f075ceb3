{{ config(materialized="view") }}

-- One row per act of a person that is no message: reactions, answers to surveys, dates with a purchase.
with
    reactions as (select * from {{ ref("int_post_and_reaction_acts") }} where act_group = 'reaction'),

    brands as (select * from {{ ref("int_brands") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    person_keys as (select * from {{ ref("int_person_keys") }}),

    answers as (
        select *
        from {{ every("survey_responses") }}
        where not is_deleted and completed_at is not null and score is not null and scale_max > scale_min
    ),

    -- A source names whoever answered by one of three identifiers; the surest first.
    answered as (
        select answers.*, coalesce(by_contact.person_id, by_email.person_id, by_profile.person_id) as person_id
        from answers
        left join
            person_keys as by_contact
            on by_contact.identifier_kind = 'contact'
            and by_contact.identifier_key = answers.contact_id
        left join
            person_keys as by_email
            on by_email.identifier_kind = 'email'
            and by_email.identifier_key = answers.email_key
        left join
            person_keys as by_profile
            on by_profile.identifier_kind = 'profile'
            and by_profile.identifier_key = answers.profile_key
    )

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
