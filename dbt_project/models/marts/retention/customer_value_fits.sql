select
    fit_kind,
    model,
    parameters,
    standard_errors,
    log_likelihood,
    customer_count,
    distinct_count,
    iteration_count,
    is_converged,
    refusal
from {{ source("solved", "customer_value_fits") }}
