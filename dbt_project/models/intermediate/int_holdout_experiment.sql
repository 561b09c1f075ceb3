{{ config(materialized="view") }}

-- At most one row: the experiment on suggestions that runs on the date of the list, in the zone of the default brand.
with
    experiments as (select * from {{ ref("holdout_experiments") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    run as (select as_of from {{ source("ops", "current_run") }}),

    running as (
        select experiments.*, run.as_of, count(*) over () as running_count
        from experiments
        cross join run
        cross join base
        where
            coalesce(experiments.starts_on <= {{ local_date("run.as_of", "base.time_zone") }}, true)
            and coalesce(experiments.ends_on > {{ local_date("run.as_of", "base.time_zone") }}, true)
    )

select
    experiment_id,
    salt,
    case
        when running_count = 1 and holdout_share between 0 and 0.5
        then holdout_share
        else
            {{
                stop_build(
                    "hold-out: reference.holdout_experiments: two run on one day or a share is not 0 to 0.5; next: correct"
                    " <ROR_HOME>/seeds/holdout_experiments.csv"
                )
            }}
    end as holdout_share,
    as_of
from running
