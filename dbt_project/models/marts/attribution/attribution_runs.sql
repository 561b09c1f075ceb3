with
    solved as (select * from {{ source("solved", "attribution_runs") }}),

    models as (select * from {{ ref("int_attribution_models") }})

select
    solved.period_start_date,
    {{ last_date_of_month("0", "solved.period_start_date") }} as period_end_date,
    solved.conversion_type,
    solved.scope,
    solved.model_id,
    models.parameters,
    solved.path_count,
    solved.conversion_probability,
    solved.state_count,
    solved.rare_transition_share,
    solved.log_likelihood,
    solved.aic,
    solved.refusal,
    solved.input_hash
from solved
inner join models using (model_id)
