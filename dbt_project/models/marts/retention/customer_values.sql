with
    histories as (select * from {{ ref("int_customer_histories") }} where fit_kind = 'current'),

    cutoffs as (select cutoff_date from {{ ref("int_customer_cutoffs") }} where fit_kind = 'current'),

    gaps as (select * from {{ ref("int_customer_gaps") }}),

    purchases as (select * from {{ source("solved", "customer_purchases") }}),

    spending as (select * from {{ source("solved", "customer_spending") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    -- Without a fit every customer is expected to go on like all: purchases per week of age, at the mean value.
    pooled as (
        select
            sum(frequency_count) / nullif(sum(age_weeks), 0) as purchases_per_week,
            sum(revenue_minor) / sum(frequency_count + 1) as value_minor
        from histories
    ),

    valued as (
        select
            histories.*,
            {{ days_between("histories.last_date", "cutoffs.cutoff_date") }} - 1 > gaps.usual_gap_days as is_lapsed,
            purchases.alive_probability,
            coalesce(purchases.purchases_90d, pooled.purchases_per_week * 90 / 7) as purchases_90d,
            coalesce(purchases.purchases_24m, pooled.purchases_per_week * {{ discounted_weeks(104) }})
            * coalesce(spending.value_minor, pooled.value_minor)
            * coalesce(base.margin_rate, 1) as margin_24m_minor,
            -- The two fits share no parameter: their errors on the logarithm add up in squares.
            {{ z_95() }} * sqrt(
                purchases.log_error * purchases.log_error + coalesce(spending.log_error * spending.log_error, 0)
            ) as log_range,
            case
                when purchases.frequency_count is null
                then 'cohort_hazard'
                when spending.frequency_count is null
                then 'bg_nbd_mean_value'
                else 'bg_nbd_gamma_gamma'
            end as method
        from histories
        cross join cutoffs
        cross join pooled
        cross join base
        left join gaps using (person_id)
        left join purchases using (frequency_count, recency_weeks, age_weeks)
        left join
            spending
            on spending.frequency_count = histories.frequency_count
            and spending.mean_value_minor = coalesce(histories.mean_value_minor, 0)
    )

select
    valued.person_id,
    valued.frequency_count,
    cast(valued.recency_weeks as double) as recency_weeks,
    cast(valued.age_weeks as double) as age_weeks,
    valued.mean_value_minor,
    valued.alive_probability,
    valued.frequency_count = 0 as is_uninformed,
    cast(valued.purchases_90d as double) as expected_purchases_90d,
    case when base.margin_rate is null then valued.revenue_minor else valued.margin_minor end as realised_margin_minor,
    cast(round(valued.margin_24m_minor) as bigint) as expected_margin_24m_minor,
    cast(round(valued.margin_24m_minor * exp(- valued.log_range)) as bigint) as expected_low_minor,
    cast(round(valued.margin_24m_minor * exp(valued.log_range)) as bigint) as expected_high_minor,
    valued.method,
    case
        when valued.is_lapsed
        then 'lapsed'
        when valued.frequency_count = 0
        then 'new'
        when valued.alive_probability < 0.5
        then 'at_risk'
        else 'active'
    end as churn_state,
    valued.last_date as last_purchase_date,
    base.base_currency as currency,
    case when base.margin_rate is null then 'revenue' else 'brand' end as margin_basis
from valued
cross join base
