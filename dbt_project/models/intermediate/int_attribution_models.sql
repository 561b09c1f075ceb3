-- One row per model with its parameters as columns; `window_id` names the paths that it weighs.
with
    models as (select * from {{ ref("attribution_models") }}),

    parsed as (
        select
            *,
            coalesce(half_life_days, 7) * 86400 as half_life_seconds,
            {{ json_text("parameters", "channel") }} as transform_channel,
            cast({{ json_text("parameters", "count") }} as integer) as transform_count
        from models
    )

-- Participation hands nothing out; the rate game is for diagnosis. Neither is credit to be compared.
select
    *,
    family in ('markov', 'shapley_rate') as is_channel_grain,
    family not in ('participation', 'shapley_rate') as is_credit,
    md5(concat_ws('|', scope, lookback_days, policy, transform, transform_channel, transform_count)) as window_id
from parsed
