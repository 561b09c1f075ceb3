{{ config(materialized="view") }}

-- One row per conversion, model and touch with a weight above 0; without an eligible touch one
-- row at '(none)'.
with
    conversions as (select * from {{ ref("int_conversions_netted") }}),

    eligible as (select * from {{ ref("int_attribution_eligible_touches") }}),

    models as (select * from {{ ref("attribution_models") }}),

    weighted as (
        select
            eligible.*,
            models.model_id,
            case
                when models.family = 'linear'
                then 1 / cast(eligible.path_length as double)
                when models.family = 'first_touch' and eligible.touch_index = 1
                then 1.0
                when models.family = 'last_touch' and eligible.touch_index = eligible.path_length
                then 1.0
                else 0.0
            end as weight
        from eligible
        inner join models on models.lookback_days = eligible.lookback_days and models.policy = eligible.policy
    ),

    untouched as (
        select conversions.conversion_id, models.lookback_days, models.policy, models.model_id
        from conversions
        cross join models
        left join
            eligible
            on eligible.conversion_id = conversions.conversion_id
            and eligible.lookback_days = models.lookback_days
            and eligible.policy = models.policy
        where eligible.conversion_id is null
    )

select conversion_id, model_id, lookback_days, policy, touch_id, touch_index, path_length, seconds_to_conversion, weight
from weighted
where weight > 0
union all
select
    conversion_id,
    model_id,
    lookback_days,
    policy,
    '(none)' as touch_id,
    0 as touch_index,
    0 as path_length,
    cast(null as bigint) as seconds_to_conversion,
    1.0 as weight
from untouched
