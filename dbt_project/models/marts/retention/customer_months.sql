with
    purchases as (select * from {{ ref("int_purchases") }}),

    members as (select * from {{ ref("int_retention_members") }} where cohort_basis = 'purchase'),

    base as (select * from {{ ref("int_base_currency") }}),

    numbers as ({{ dbt.generate_series(1200) }}),

    span as (select min(cohort_month_start_date) as first_month, max(observed_date) as observed_date from members),

    months as (
        select
            {{ moved_date("month", "cast(numbers.generated_number as integer) - 1", "span.first_month") }}
            as month_start_date,
            span.observed_date
        from numbers
        cross join span
    ),

    -- The month in which observation ends is the last one, as far as it was observed.
    lived_months as (
        select
            members.person_id,
            months.month_start_date,
            members.cohort_month_start_date,
            members.observed_date,
            {{ moved_date("month", "1", "months.month_start_date") }} as next_month_start_date
        from members
        inner join
            months
            on months.month_start_date >= members.cohort_month_start_date
            and months.month_start_date < members.observed_date
    ),

    bought as (
        select
            person_id,
            {{ start_of("month", "purchase_date") }} as month_start_date,
            sum(order_count) as order_count,
            count(*) as purchase_count,
            sum(revenue_minor) as revenue_minor,
            sum(margin_minor) as margin_minor
        from purchases
        group by person_id, {{ start_of("month", "purchase_date") }}
    )

select
    lived_months.person_id,
    lived_months.month_start_date,
    bought.purchase_count is not null as is_active,
    cast(coalesce(bought.order_count, 0) as bigint) as order_count,
    cast(coalesce(bought.purchase_count, 0) as bigint) as purchase_count,
    cast(coalesce(bought.revenue_minor, 0) as bigint) as revenue_minor,
    case when base.margin_rate is not null then cast(coalesce(bought.margin_minor, 0) as bigint) end as margin_minor,
    base.base_currency as currency,
    lived_months.cohort_month_start_date,
    {{ months_between("lived_months.cohort_month_start_date", "lived_months.month_start_date") }} as months_since_first,
    {{
        days_between(
            "lived_months.month_start_date",
            "least(lived_months.next_month_start_date, lived_months.observed_date)",
        )
    }} as observed_days,
    lived_months.next_month_start_date <= lived_months.observed_date as is_complete
from lived_months
cross join base
left join bought using (person_id, month_start_date)
