with
    acts as (
        select *
        from {{ ref("interactions") }}
        where
            person_id is not null
            and direction <> 'outbound'
            and not is_deleted
            and not coalesce(is_by_brand or is_automated, false)
            and occurred_date is not null
    ),

    ratings as (
        select message_id, rating from {{ every("messages") }} where rating is not null and message_kind = 'review'
    ),

    referrals as (select * from {{ ref("int_referrals") }} where referrer_person_id is not null),

    answers as (select * from {{ ref("survey_answers") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    weights as (select * from {{ ref("act_weights") }}),

    found as (
        select
            interaction_id as source_id,
            case
                when act_group = 'post'
                then 'recommendation'
                when act_group = 'reaction' and act in ('share', 'repost', 'quote')
                then 'share'
                when act_group = 'message' and direction = 'peer' and is_meaningful
                then 'helping'
            end as act,
            brand_id,
            network,
            person_id,
            occurred_at,
            occurred_date
        from acts
        union all
        select
            acts.interaction_id,
            'positive_review',
            acts.brand_id,
            acts.network,
            acts.person_id,
            acts.occurred_at,
            acts.occurred_date
        from acts
        inner join ratings on ratings.message_id = acts.interaction_id
        -- Scales of others than five stars are not told: a 4 of ten is none.
        where ratings.rating between 4 and 5
        union all
        select referral_id, 'referral', brand_id, null, referrer_person_id, invited_at, invited_date
        from referrals
        union all
        select
            referrals.referral_id,
            'referral_converted',
            referrals.brand_id,
            null,
            referrals.referrer_person_id,
            referrals.converted_at,
            {{ local_date("referrals.converted_at", "base.time_zone") }}
        from referrals
        cross join base
        where referrals.converted_at is not null
        union all
        select answer_id, 'promoter', brand_id, null, person_id, completed_at, completed_date
        from answers
        where nps_group = 'promoter' and is_counted and person_id is not null
    )

select
    md5(found.act || '|' || found.source_id) as advocacy_act_id,
    found.act,
    found.brand_id,
    found.network,
    found.person_id,
    found.source_id,
    found.occurred_at,
    found.occurred_date,
    weights.weight
from found
inner join weights using (act)
