-- One row per change of a subscription in Stripe: start, another amount, a renewal, the end. Payments are orders.
-- The first night sees a subscription as it is: it is taken to have cost that from its start. Later a change happened
-- with the period that began since the night before, else when it was seen.
with
    states as (
        select
            *,
            lag(mrr_minor) over subscription as mrr_before,
            lag(current_period_start) over subscription as period_before,
            lag(seen_at) over subscription as seen_before_at
        from {{ ref("stg_stripe__subscription_states") }}
        window subscription as (partition by subscription_id order by state_number)
    ),

    changes as (
        -- What was ended when it was first seen had been paid, if it lasted beyond the trial.
        select *, least(paid_from, seen_at) as changed_at, price_minor as mrr_after, 0 as mrr_until
        from states
        where state_number = 1 and price_minor > 0 and (mrr_minor > 0 or (status = 'canceled' and ended_at > paid_from))
        union all
        select *, ended_at, 0, price_minor
        from states
        where state_number = 1 and price_minor > 0 and status = 'canceled' and ended_at > paid_from
        union all
        select
            *,
            case
                when mrr_minor = 0
                then greatest(seen_before_at, least(seen_at, coalesce(ended_at, seen_at)))
                when current_period_start > seen_before_at and current_period_start <= seen_at
                then current_period_start
                else seen_at
            end,
            mrr_minor,
            mrr_before
        from states
        where state_number > 1 and (mrr_minor <> mrr_before or (mrr_minor > 0 and current_period_start > period_before))
    ),

    named as (
        select
            *,
            case
                when mrr_after = 0
                then 'cancel'
                when mrr_until = 0
                then 'start'
                when mrr_after > mrr_until
                then 'expand'
                when mrr_after < mrr_until
                then 'contract'
                else 'renew'
            end as kind
        from changes
    )

select
    'stripe' as source,
    'stripe|' || subscription_id || '|' || epoch_ms(changed_at) || '|' || kind as native_id,
    subscription_id || '|' || epoch_ms(changed_at) || '|' || kind as subscription_event_id,
    subscription_id,
    customer as contact_id,
    kind,
    changed_at,
    mrr_after as mrr_minor,
    currency,
    observed_at,
    false as is_deleted,
    null::timestamptz as deleted_at,
    load_id
from named
