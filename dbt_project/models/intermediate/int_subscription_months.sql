-- One row per customer and month in which the customer's recurring revenue moved: as the month began and as it ended,
-- and the month's one class. Nothing for up to 30 days is a pause, through which the revenue is carried.
{%- set pause = "interval 30 days" %}
with
    ledger as (select * from {{ ref("revenue_events") }} where mrr_change_minor is not null),

    changes as (select * from {{ ref("int_revenue_subscriptions") }}),

    buyers as (select * from {{ ref("int_subscription_buyers") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'subscriptions'),

    observed as (
        select {{ local_date("windows.observed_until", "base.time_zone") }} as observed_date
        from windows
        inner join base using (brand_id)
    ),

    -- What moves at one instant is one movement: two subscriptions that change places leave no gap.
    moved as (
        select
            buyers.customer_key,
            ledger.occurred_at,
            ledger.event_date,
            cast(sum(ledger.mrr_change_minor) as bigint) as change_minor
        from ledger
        inner join changes using (revenue_event_id)
        inner join buyers on buyers.source = changes.source and buyers.subscription_id = changes.subscription_id
        cross join observed
        where ledger.event_date < observed.observed_date
        group by buyers.customer_key, ledger.occurred_at, ledger.event_date
        having sum(ledger.mrr_change_minor) <> 0
    ),

    levels as (
        select
            *,
            cast(
                sum(change_minor) over (
                    partition by customer_key order by occurred_at rows between unbounded preceding and current row
                ) as bigint
            ) as level_minor
        from moved
    ),

    carried as (
        select
            customer_key,
            occurred_at,
            {{ start_of("month", "event_date") }} as month_start_date,
            case
                when level_minor = 0 and lead(occurred_at) over customer <= occurred_at + {{ pause }}
                then lag(level_minor) over customer
                else level_minor
            end as level_minor
        from levels
        window customer as (partition by customer_key order by occurred_at)
    ),

    ended as (
        select customer_key, month_start_date, arg_max(level_minor, occurred_at) as end_minor
        from carried
        group by customer_key, month_start_date
    ),

    spanned as (
        select
            *,
            lag(end_minor, 1, 0) over customer as start_minor,
            -- Who ended a month with revenue before comes back; who did not is new.
            coalesce(max(end_minor) over (customer rows between unbounded preceding and 1 preceding), 0)
            > 0 as was_customer
        from ended
        window customer as (partition by customer_key order by month_start_date)
    )

select
    customer_key,
    month_start_date,
    cast(start_minor as bigint) as start_minor,
    cast(end_minor as bigint) as end_minor,
    case
        when start_minor = 0
        then if(was_customer, 'reactivation', 'new')
        when end_minor = 0
        then 'churn'
        when end_minor > start_minor
        then 'expansion'
        else 'contraction'
    end as change_class
from spanned
where end_minor <> start_minor
