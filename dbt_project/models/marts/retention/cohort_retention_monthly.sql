with
    base as (select * from {{ ref("int_base_currency") }}),

    cells as (
        select
            cohort_basis,
            cohort_start_date,
            retention_kind,
            period_index,
            cast(sum(cohort_count) as bigint) as cohort_count,
            cast(sum(observable_count) as bigint) as observable_count,
            cast(sum(active_count) as bigint) as active_count,
            cast(sum(revenue_minor) as bigint) as revenue_minor,
            cast(sum(margin_minor) as bigint) as margin_minor,
            bool_and(is_complete) as is_complete
        from {{ ref("int_retention_cells") }}
        where cohort_grain = 'month'
        group by cohort_basis, cohort_start_date, retention_kind, period_index
    )

select
    cells.cohort_basis,
    cells.cohort_start_date,
    cells.retention_kind,
    cells.period_index,
    cells.cohort_count,
    cells.observable_count,
    cells.active_count,
    case when cells.is_complete then cells.active_count / cast(cells.cohort_count as double) end as retention_rate,
    cells.revenue_minor,
    case
        when cells.is_complete then {{ rounded_minor("cells.margin_minor", "cells.cohort_count") }}
    end as margin_per_customer_minor,
    base.base_currency as currency,
    cells.is_complete
from cells
cross join base
