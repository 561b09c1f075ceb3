-- Every conversion is divided once by every model: weights add up to 1, credits to the
-- conversion's value.
with
    divided as (
        select conversion_id, model_id, scope, sum(weight) as weight, sum(credit_minor) as credit_minor
        from {{ ref("attribution_credits") }}
        where participation_minor is null
        group by conversion_id, model_id, scope
    )

select *
from {{ ref("conversions") }} as conversions
cross join (select model_id from {{ ref("int_attribution_models") }} where is_credit and not is_channel_grain) as models
full join divided using (conversion_id, model_id)
where abs(divided.weight - 1) > 1e-12 or divided.credit_minor is distinct from conversions.value_minor
