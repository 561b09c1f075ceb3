-- One row per person whom another brought: the first invitation that somebody got before the first purchase. Whoever
-- had bought was a customer already. Invitations of oneself, also by an identity that was merged since, bring nobody.
with
    referrals as (
        select *
        from {{ ref("int_referrals") }}
        where referrer_person_id is not null and referee_person_id <> referrer_person_id
    ),

    purchases as (
        select person_id, min(event_date) as first_date
        from {{ ref("revenue_events") }}
        where kind in ('order', 'deal_won') and person_id is not null
        group by person_id
    ),

    placed as (
        select
            referrals.referral_id,
            referrals.referee_person_id as person_id,
            referrals.referrer_person_id as parent_id,
            row_number() over (order by referrals.invited_at, referrals.referral_id) as place
        from referrals
        left join purchases on purchases.person_id = referrals.referee_person_id
        where coalesce(referrals.invited_date <= purchases.first_date, true)
    ),

    firsts as materialized(select * from placed qualify row_number() over (partition by person_id order by place) = 1)

select person_id, parent_id, referral_id
from ({{ without_circles("firsts") }})
