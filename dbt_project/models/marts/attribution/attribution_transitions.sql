with solved as (select * from {{ source("solved", "attribution_transitions") }})

select
    period_start_date,
    {{ last_date_of_month("0", "period_start_date") }} as period_end_date,
    conversion_type,
    scope,
    model_id,
    markov_order,
    from_state,
    to_state,
    transition_count,
    probability
from solved
