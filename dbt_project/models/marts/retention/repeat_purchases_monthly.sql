{%- set z_95 = 1.959963984540054 -%}

with
    purchases as (select * from {{ ref("int_purchases") }}),

    members as (select * from {{ ref("int_retention_members") }} where cohort_basis = 'purchase'),

    horizons as (
        select 90 as horizon_days
        union all
        select 180 as horizon_days
        union all
        select 365 as horizon_days
    ),

    second_purchases as (
        select
            members.person_id,
            members.cohort_month_start_date,
            members.first_date,
            members.observed_date,
            min(purchases.purchase_date) as second_date
        from members
        left join purchases on purchases.person_id = members.person_id and purchases.purchase_date > members.first_date
        group by members.person_id, members.cohort_month_start_date, members.first_date, members.observed_date
    ),

    -- A member is observable when the last date of the horizon has passed; the horizon's last
    -- date counts.
    counted as (
        select
            second_purchases.cohort_month_start_date,
            horizons.horizon_days,
            count(*) as cohort_count,
            count(*) filter (
                where {{ moved_date("day", "horizons.horizon_days", "first_date") }} < observed_date
            ) as observable_count,
            count(*) filter (
                where
                    {{ moved_date("day", "horizons.horizon_days", "first_date") }} < observed_date
                    and second_date <= {{ moved_date("day", "horizons.horizon_days", "first_date") }}
            ) as repeated_count
        from second_purchases
        cross join horizons
        group by second_purchases.cohort_month_start_date, horizons.horizon_days
    ),

    shares as (
        select
            *,
            repeated_count / cast(nullif(observable_count, 0) as double) as repeat_rate,
            {{ z_95 }} * {{ z_95 }} / nullif(observable_count, 0) as z_squared_share
        from counted
    )

-- Wilson score interval: https://doi.org/10.1080/01621459.1927.10502953
select
    cohort_month_start_date,
    horizon_days,
    cohort_count,
    observable_count,
    repeated_count,
    repeat_rate,
    case
        when observable_count > 0
        then
            greatest(
                0.0,
                (
                    repeat_rate
                    + z_squared_share / 2
                    - sqrt(z_squared_share * (repeat_rate * (1 - repeat_rate) + z_squared_share / 4))
                )
                / (1 + z_squared_share)
            )
    end as ci_low,
    case
        when observable_count > 0
        then
            least(
                1.0,
                (
                    repeat_rate
                    + z_squared_share / 2
                    + sqrt(z_squared_share * (repeat_rate * (1 - repeat_rate) + z_squared_share / 4))
                )
                / (1 + z_squared_share)
            )
    end as ci_high
from shares
