select
    method,
    horizon_weeks,
    cutoff_date,
    customer_count,
    actual_purchase_count,
    predicted_purchase_count,
    predicted_purchase_count / nullif(actual_purchase_count, 0) - 1 as relative_error
from {{ source("solved", "customer_value_backtests") }}
