{{ config(materialized="view") }}

-- One row per fit of customer value: the first date that it does not see. The back-test sees all
-- but the last 26 weeks.
with
    members as (
        select max(observed_date) as observed_date
        from {{ ref("int_retention_members") }}
        where cohort_basis = 'purchase'
    )

select 'current' as fit_kind, observed_date as cutoff_date
from members
where observed_date is not null
union all
select 'backtest' as fit_kind, {{ moved_date("day", -182, "observed_date") }} as cutoff_date
from members
where observed_date is not null
