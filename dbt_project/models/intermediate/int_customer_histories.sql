-- One row per fit and person: repeat purchases, weeks from the first to the last purchase and to
-- the end of observation, mean value of repeat purchases. Weeks have two decimals: fewer distinct
-- histories, and figures that others can repeat.
with
    purchases as (select * from {{ ref("int_purchases") }}),

    cutoffs as (select * from {{ ref("int_customer_cutoffs") }}),

    numbered as (
        select
            cutoffs.fit_kind,
            cutoffs.cutoff_date,
            purchases.*,
            row_number() over (
                partition by cutoffs.fit_kind, purchases.person_id order by purchases.purchase_date
            ) as purchase_number
        from purchases
        inner join cutoffs on purchases.purchase_date < cutoffs.cutoff_date
    )

select
    fit_kind,
    person_id,
    min(purchase_date) as first_date,
    max(purchase_date) as last_date,
    count(*) - 1 as frequency_count,
    cast(
        round({{ days_between("min(purchase_date)", "max(purchase_date)") }} / 7.0, 2) as decimal(12, 2)
    ) as recency_weeks,
    cast(
        round(({{ days_between("min(purchase_date)", "max(cutoff_date)") }} - 1) / 7.0, 2) as decimal(12, 2)
    ) as age_weeks,
    case
        when count(*) > 1
        then {{ rounded_minor("sum(case when purchase_number > 1 then revenue_minor else 0 end)", "(count(*) - 1)") }}
    end as mean_value_minor,
    cast(sum(revenue_minor) as bigint) as revenue_minor,
    cast(sum(margin_minor) as bigint) as margin_minor
from numbered
group by fit_kind, person_id
