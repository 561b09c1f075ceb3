-- One row per basis, cohort, kind and period, in both grains; one row per customer and month, per
-- cohort and horizon.
select 'cohort_retention_weekly' as model, count(*) as row_count
from {{ ref("cohort_retention_weekly") }}
group by cohort_basis, cohort_start_date, retention_kind, period_index
having count(*) > 1
union all
select 'cohort_retention_monthly' as model, count(*) as row_count
from {{ ref("cohort_retention_monthly") }}
group by cohort_basis, cohort_start_date, retention_kind, period_index
having count(*) > 1
union all
select 'cohort_retention_segments_monthly' as model, count(*) as row_count
from {{ ref("cohort_retention_segments_monthly") }}
group by cohort_basis, segment_kind, segment_value, cohort_start_date, retention_kind, period_index
having count(*) > 1
union all
select 'customer_months' as model, count(*) as row_count
from {{ ref("customer_months") }}
group by person_id, month_start_date
having count(*) > 1
union all
select 'repeat_purchases_monthly' as model, count(*) as row_count
from {{ ref("repeat_purchases_monthly") }}
group by cohort_month_start_date, horizon_days
having count(*) > 1
