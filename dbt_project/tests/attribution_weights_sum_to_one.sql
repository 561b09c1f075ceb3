-- Every conversion is divided once by every model: weights add up to 1, credits to the
-- conversion's value. What was computed anew; the others were looked at when they were.
with
    touched as (from ({{ touched_conversions() }}) as touched),

    divided as (
        select conversion_id, model_id, scope, sum(weight) as weight, sum(credit_minor) as credit_minor
        from {{ ref("attribution_credits") }}
        semi join touched using (conversion_id)
        where participation_minor is null
        group by conversion_id, model_id, scope
    ),

    conversions as (
        select conversion_id, value_minor from {{ ref("conversions") }} semi join touched using (conversion_id)
    )

select *
from conversions
cross join (select model_id from {{ ref("int_attribution_models") }} where is_credit and not is_channel_grain) as models
full join divided using (conversion_id, model_id)
where divided.credit_minor is distinct from conversions.value_minor or abs(divided.weight - 1) > 1e-12
