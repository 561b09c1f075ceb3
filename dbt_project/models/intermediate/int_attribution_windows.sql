-- One row per conversion, window and person on whose path touches may lie; a path is that of one
-- person or, pooled, of all people of a firm. Only of conversions whose credit is computed anew.
with
    touched as (from ({{ touched_conversions() }}) as touched),

    conversions as (select * from {{ ref("int_conversions_netted") }} semi join touched using (conversion_id)),

    owners as (select * from {{ ref("int_attribution_owners") }}),

    windows as (
        select distinct window_id, scope, lookback_days, policy, transform, transform_channel, transform_count
        from {{ ref("int_attribution_models") }}
    )

-- Exact instants, half-open: a touch exactly one lookback before the conversion is too old.
select
    dense_rank() over (
        order by
            conversions.conversion_id,
            windows.window_id,
            case when windows.scope <> 'account_pooled' then owners.person_id end
    ) as path_id,
    conversions.conversion_id,
    windows.window_id,
    windows.transform,
    windows.transform_channel,
    windows.transform_count,
    owners.person_id,
    owners.role_weight,
    conversions.converted_at,
    greatest(
        make_timestamptz(epoch_us(conversions.converted_at) - windows.lookback_days * {{ one_day_microseconds() }}),
        case
            when windows.policy = 'reuse'
            then null
            when windows.scope = 'person'
            then conversions.previous_converted_at
            else conversions.previous_account_converted_at
        end
    ) as opens_after,
    owners.lead_created_at,
    conversions.deal_created_at
from conversions
inner join owners using (conversion_id)
inner join windows using (scope)
