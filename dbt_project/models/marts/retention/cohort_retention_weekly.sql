with cells as (select * from {{ ref("int_retention_cells") }}), base as (select * from {{ ref("int_base_currency") }})

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
where cells.cohort_grain = 'week'
