with
    -- What converts, and what takes it back; a change of a subscription is no conversion.
    revenue_events as (
        select * from {{ ref("revenue_events") }} where kind in ('order', 'refund', 'deal_won', 'deal_reversal')
    ),

    credits as (select * from {{ ref("int_attribution_channel_credits") }}),

    models as (select * from {{ ref("int_attribution_models") }} where is_credit and not is_channel_grain),

    open_paths as (select * from {{ ref("int_attribution_open_paths") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    solved as (select * from {{ ref("int_attribution_solved_credits") }}),

    -- What is paid back counts in the month of what it reverses, as it does in a conversion's
    -- value.
    ledger_months as (
        select
            {{ start_of("month", "coalesce(reversed.event_date, revenue_events.event_date)") }} as period_start_date,
            case when revenue_events.kind in ('order', 'refund') then 'order' else 'deal_won' end as conversion_type,
            sum(revenue_events.amount_minor) as ledger_minor
        from revenue_events
        left join revenue_events as reversed on reversed.revenue_event_id = revenue_events.reversal_of
        group by
            {{ start_of("month", "coalesce(reversed.event_date, revenue_events.event_date)") }},
            case when revenue_events.kind in ('order', 'refund') then 'order' else 'deal_won' end
    ),

    credit_months as (
        select
            credits.period_start_date,
            credits.model_id,
            credits.scope,
            sum(credits.credit_minor) as credited_minor,
            sum(case when credits.channel_id = '(none)' then credits.credit_minor else 0 end) as none_minor
        from credits
        inner join models using (model_id)
        group by credits.period_start_date, credits.model_id, credits.scope
    ),

    -- A model that was refused for a month credits nothing there and is not compared.
    solved_months as (
        select
            period_start_date,
            conversion_type,
            scope,
            model_id,
            sum(credit_minor) as credited_minor,
            sum(case when channel_id = '(none)' then credit_minor else 0 end) as none_minor
        from solved
        inner join (select model_id from {{ ref("int_attribution_models") }} where is_credit) as models using (model_id)
        group by period_start_date, conversion_type, scope, model_id
    ),

    -- Stacked, not joined: a month that one side lacks shows as a difference.
    stacked as (
        select
            period_start_date, model_id, scope, ledger_minor, 0 as credited_minor, 0 as none_minor, 0 as open_path_count
        from ledger_months
        cross join models
        union all
        select
            solved_months.period_start_date,
            solved_months.model_id,
            solved_months.scope,
            coalesce(ledger_months.ledger_minor, 0),
            solved_months.credited_minor,
            solved_months.none_minor,
            0
        from solved_months
        left join ledger_months using (period_start_date, conversion_type)
        union all
        select period_start_date, model_id, scope, 0, credited_minor, none_minor, 0
        from credit_months
        union all
        select open_paths.period_start_date, models.model_id, models.scope, 0, 0, 0, open_paths.open_path_count
        from open_paths
        inner join models using (lookback_days)
    )

select
    stacked.period_start_date,
    {{ last_date_of_month("0", "stacked.period_start_date") }} as period_end_date,
    stacked.model_id,
    stacked.scope,
    cast(sum(stacked.ledger_minor) as bigint) as ledger_minor,
    cast(sum(stacked.credited_minor) as bigint) as credited_minor,
    cast(sum(stacked.none_minor) as bigint) as none_minor,
    cast(sum(stacked.ledger_minor) - sum(stacked.credited_minor) as bigint) as difference_minor,
    cast(sum(stacked.open_path_count) as bigint) as open_path_count,
    base.base_currency as currency
from stacked
cross join base
group by stacked.period_start_date, stacked.model_id, stacked.scope, base.base_currency
