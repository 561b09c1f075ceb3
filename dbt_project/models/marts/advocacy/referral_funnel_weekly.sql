{% set conversion_days = 90 %}
with
    referrals as (select * from {{ ref("int_referrals") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'revenue'),

    people as (select person_id, first_purchase_at from {{ ref("people") }} where kind = 'person' and is_customer),

    weeks as (
        select
            brand_id,
            {{ start_of("week", "invited_date") }} as week_start_date,
            count(*) as invited_count,
            count(distinct referrer_person_id) as inviter_count,
            count(accepted_at) as accepted_count,
            count(*) filter (converted_at < invited_at + interval {{ conversion_days }} days) as converted_count,
            cast(sum(reward_minor) as bigint) as reward_minor
        from referrals
        group by all
    ),

    bought as (
        select {{ local_date("people.first_purchase_at", "base.time_zone") }} as bought_date, count(*) as new_count
        from people
        cross join base
        group by all
    ),

    -- Who could have invited: everybody who had bought before the week began.
    customers as (
        select bought_date, cast(sum(new_count) over (order by bought_date) as bigint) as customer_count from bought
    )

select
    weeks.brand_id,
    weeks.week_start_date,
    coalesce(customers.customer_count, 0) as customer_count,
    weeks.invited_count,
    weeks.inviter_count,
    weeks.accepted_count,
    weeks.converted_count,
    coalesce(
        {{ local_midnight("(weeks.week_start_date + 7 + " ~ conversion_days ~ ")", "base.time_zone") }}
        <= windows.observed_until,
        false
    ) as is_mature,
    weeks.inviter_count / nullif(customers.customer_count, 0) as referral_rate,
    weeks.accepted_count / weeks.invited_count as acceptance_rate,
    if(is_mature, weeks.converted_count / weeks.invited_count, null) as referral_conversion_rate,
    weeks.invited_count / nullif(customers.customer_count, 0) as invitations_per_customer,
    if(is_mature, weeks.converted_count / nullif(customers.customer_count, 0), null) as k_factor,
    weeks.reward_minor,
    base.base_currency as currency
from weeks
cross join base
left join windows on windows.brand_id = weeks.brand_id
asof left join customers on customers.bought_date < weeks.week_start_date
