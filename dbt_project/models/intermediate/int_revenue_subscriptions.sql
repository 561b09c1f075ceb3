-- One row per change of a subscription: by how much it moved the recurring revenue, at the rate of the start of its
-- term, or the reason why it does not count. A term lasts from a start to the next cancel.
-- The amounts say what changed, whatever the source calls it; at one instant a cancel comes last.
with
    events as (select *, upper(currency) as original_currency from {{ every("subscription_events") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    rates as (select * from {{ ref("int_revenue_rates") }}),

    dated as (
        select
            events.*,
            base.base_currency,
            {{ local_date("events.changed_at", "base.time_zone") }} as event_date,
            row_number() over (
                partition by events.source, events.subscription_id, events.is_deleted
                order by events.changed_at, events.kind = 'cancel', events.native_id
            ) as position
        from events
        cross join base
    ),

    begun as (
        select *, mrr_minor > 0 and lag(mrr_minor, 1, 0) over subscription = 0 as is_start
        from dated
        window subscription as (partition by source, subscription_id, is_deleted order by position)
    ),

    -- A row before any start is a term of its own date.
    termed as (
        select
            *,
            coalesce(
                max(case when is_start then event_date end) over (
                    partition by source, subscription_id, is_deleted
                    order by position
                    rows between unbounded preceding and current row
                ),
                event_date
            ) as term_start_date
        from begun
    ),

    valued as (
        select
            termed.*,
            rates.rate as fx_rate,
            coalesce(rates.fx_date, termed.event_date) as fx_date,
            case
                when termed.is_deleted
                then 'deleted'
                when greatest(termed.mrr_minor, coalesce(termed.paid_minor, 0)) >= {{ largest_amount() }}
                then 'amount_too_large'
                when rates.rate is null
                then 'unknown_fx_rate'
            end as refusal_reason,
            case
                when refusal_reason is null
                then {{ convert_minor("termed.mrr_minor", "rates.rate", "original_currency", "base_currency") }}
            end as level_minor,
            case
                when refusal_reason is null
                then {{ convert_minor("coalesce(paid_minor, 0)", "rates.rate", "original_currency", "base_currency") }}
            end as amount_minor
        from termed
        left join
            rates
            on rates.currency = termed.original_currency
            and termed.term_start_date >= rates.valid_from
            and termed.term_start_date < rates.valid_until
    ),

    -- Refused rows moved nothing: the next one that counts moves all that happened since the last.
    moved as (
        select
            *,
            lag(level_minor, 1, 0) over (
                partition by source, subscription_id, refusal_reason order by position
            ) as level_before_minor
        from valued
    )

select
    md5(source || '|subscription|' || native_id) as revenue_event_id,
    source,
    native_id,
    subscription_id,
    changed_at,
    event_date,
    coalesce(paid_minor, 0) as original_amount_minor,
    original_currency,
    fx_rate,
    fx_date,
    refusal_reason,
    amount_minor,
    case when refusal_reason is null then level_minor - level_before_minor end as mrr_change_minor,
    case
        when level_minor > level_before_minor
        then if(level_before_minor = 0, 'subscription_start', 'subscription_expand')
        when level_minor < level_before_minor
        then if(level_minor = 0, 'subscription_cancel', 'subscription_contract')
        when level_minor > 0
        then 'subscription_renew'
        -- A free start, or the cancel of what had ended.
        else 'subscription_' || kind
    end as kind
from moved
