{#- Only when somebody has stayed away this long is a cancel no pause. -#}
{%- set pause_days = 30 -%}
with
    months as (select * from {{ ref("int_subscription_months") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'subscriptions'),

    numbers as ({{ dbt.generate_series(1200) }}),

    observed as (
        select {{ local_date("windows.observed_until", "base.time_zone") }} as observed_date
        from windows
        inner join base using (brand_id)
    ),

    -- Months without a change are months, too; the one in which observation ends is the last.
    spine as (
        select
            {{ moved_date("month", "cast(numbers.generated_number as integer) - 1", "first_month.month_start_date") }}
            as month_start_date,
            observed.observed_date
        from numbers
        cross join (select min(month_start_date) as month_start_date from months) as first_month
        cross join observed
        where first_month.month_start_date is not null
    ),

    classed as (
        select
            month_start_date,
            {% for class, sign in [("new", 1), ("expansion", 1), ("contraction", -1), ("churn", -1), ("reactivation", 1)] -%}
                cast(
                    coalesce(
                        sum({{ sign }} * (end_minor - start_minor)) filter (change_class = '{{ class }}'), 0
                    ) as bigint
                ) as {{ class }}_minor,
            {% endfor -%}
            count(*) filter (change_class in ('new', 'reactivation')) as logo_won_count,
            count(*) filter (change_class = 'churn') as logo_lost_count
        from months
        group by month_start_date
    ),

    monthly as (
        select
            spine.month_start_date,
            spine.observed_date,
            {% for class in ["new", "expansion", "contraction", "churn", "reactivation"] -%}
                coalesce(classed.{{ class }}_minor, 0) as {{ class }}_minor,
            {% endfor -%}
            coalesce(classed.logo_won_count, 0) as logo_won_count,
            coalesce(classed.logo_lost_count, 0) as logo_lost_count
        from spine
        left join classed using (month_start_date)
        where spine.month_start_date < spine.observed_date
    ),

    -- What all months before left is where a month starts.
    started as (
        select
            *,
            new_minor + expansion_minor - contraction_minor - churn_minor + reactivation_minor as change_minor,
            cast(coalesce(sum(change_minor) over before, 0) as bigint) as start_minor,
            cast(coalesce(sum(logo_won_count - logo_lost_count) over before, 0) as bigint) as logo_start_count,
            {{ moved_date("day", pause_days, moved_date("month", "1", "month_start_date")) }}
            <= observed_date as is_complete
        from monthly
        window before as (order by month_start_date rows between unbounded preceding and 1 preceding)
    )

select
    base.brand_id,
    started.month_start_date,
    started.start_minor,
    started.new_minor,
    started.expansion_minor,
    started.contraction_minor,
    started.churn_minor,
    started.reactivation_minor,
    cast(started.start_minor + started.change_minor as bigint) as end_minor,
    case
        when started.is_complete
        then
            (started.start_minor - started.contraction_minor - started.churn_minor)
            / cast(nullif(started.start_minor, 0) as double)
    end as gross_retention_rate,
    case
        when started.is_complete
        then
            (started.start_minor + started.expansion_minor - started.contraction_minor - started.churn_minor)
            / cast(nullif(started.start_minor, 0) as double)
    end as net_retention_rate,
    started.logo_start_count,
    cast(started.logo_lost_count as bigint) as logo_lost_count,
    base.base_currency as currency,
    started.is_complete
from started
cross join base
