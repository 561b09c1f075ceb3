with
    referrals as (select * from {{ ref("int_referrals") }} where referrer_person_id is not null),

    parents as (select * from {{ ref("int_referral_parents") }}),

    margins as (select * from {{ ref("int_person_margins") }} where person_id is not null),

    assumptions as (select * from {{ ref("int_referral_assumptions_checked") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    counted as (
        select
            referrals.*,
            parents.referral_id is not null as has_brought,
            -- Without a purchase nobody was won, whatever the source of the invitation says.
            parents.referral_id is not null and margins.first_purchase_date is not null as is_converted,
            coalesce(
                {{ local_date("referrals.converted_at", "base.time_zone") }}, margins.first_purchase_date
            ) as converted_date,
            margins.amount_minor as margin_minor
        from referrals
        cross join base
        left join parents using (referral_id)
        left join margins on margins.person_id = referrals.referee_person_id
    ),

    priced as (
        select
            counted.*,
            if(
                is_converted,
                {{ discount_over_days("greatest(" ~ days_between("invited_date", "converted_date") ~ ", 0)") }},
                null
            ) as discount_factor,
            if(is_converted, acquisition_cost_minor, 0) as acquisition_cost_saved_minor,
            coalesce(counted.reward_minor, if(is_converted, assumptions.reward_minor, 0)) as reward_paid_minor
        from counted
        cross join assumptions
    ),

    valued as (
        select
            priced.*,
            {{ referral_value("assumptions.caused_share") }} as amount_minor,
            {{ referral_value("assumptions.caused_low_share") }} as at_low_minor,
            {{ referral_value("assumptions.caused_high_share") }} as at_high_minor,
            assumptions.assumptions_version
        from priced
        cross join assumptions
    )

select
    valued.referral_id,
    valued.referrer_person_id,
    valued.referee_person_id,
    valued.brand_id,
    valued.invited_date,
    if(valued.is_converted, valued.converted_date, null) as converted_date,
    valued.has_brought,
    valued.is_converted,
    if(valued.is_converted, valued.margin_minor, null) as margin_minor,
    cast(valued.discount_factor as double) as discount_factor,
    valued.acquisition_cost_saved_minor,
    valued.reward_paid_minor as reward_minor,
    valued.amount_minor,
    -- Where the person cost more than was earned, the higher share is the lower value.
    least(valued.at_low_minor, valued.at_high_minor) as low_minor,
    greatest(valued.at_low_minor, valued.at_high_minor) as high_minor,
    base.base_currency as currency,
    valued.assumptions_version
from valued
cross join base
