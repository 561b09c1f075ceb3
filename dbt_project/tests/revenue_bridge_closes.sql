-- Every month closes and begins where the one before ended, nobody is lost twice, rates are at most those of nobody
-- lost,
-- and what the last month leaves is all that the ledger ever moved.
with
    bridge as (
        select
            *,
            lag(end_minor, 1, 0) over (order by month_start_date) as end_before_minor,
            row_number() over (order by month_start_date desc) = 1 as is_last
        from {{ ref("revenue_bridge_monthly") }}
    ),

    base as (select * from {{ ref("int_base_currency") }}),

    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'subscriptions'),

    moved as (
        select coalesce(sum(ledger.mrr_change_minor), 0) as total_minor
        from {{ ref("revenue_events") }} as ledger
        cross join base
        inner join windows using (brand_id)
        where ledger.occurred_at < windows.observed_until
    )

select bridge.month_start_date
from bridge
cross join moved
where
    start_minor + new_minor + expansion_minor - contraction_minor - churn_minor + reactivation_minor <> end_minor
    or start_minor <> end_before_minor
    or least(new_minor, expansion_minor, contraction_minor, churn_minor, reactivation_minor, end_minor) < 0
    or contraction_minor + churn_minor > start_minor
    or logo_lost_count > logo_start_count
    or gross_retention_rate > least(1, net_retention_rate)
    or (not is_complete and (gross_retention_rate is not null or net_retention_rate is not null))
    or (is_last and end_minor <> total_minor)
