-- One row per moment at which a deal in HubSpot changed its stage, amount, currency or close date, with all of them
-- as they were then: HubSpot tells the past of each.
with
    changes as ({{ newest_rows("hubspot", "deal_changes") }}),

    stages as (select * from {{ ref("stg_hubspot__stages") }}),

    deals as (select * from {{ ref("stg_hubspot__deals") }}),

    moments as (
        select
            deal_id,
            changed_at,
            max(value) filter (property = 'pipeline') as pipeline,
            max(value) filter (property = 'dealstage') as stage,
            max(value) filter (property = 'amount') as amount,
            max(value) filter (property = 'deal_currency_code') as currency,
            max(value) filter (property = 'closedate') as close_at,
            min(_observed_at) as observed_at,
            max(load_id) as load_id
        from changes
        group by deal_id, changed_at
    ),

    -- A property holds until its next change.
    states as (
        select
            deal_id,
            changed_at,
            observed_at,
            load_id,
            last_value(pipeline ignore nulls) over so_far as pipeline,
            last_value(stage ignore nulls) over so_far as stage,
            last_value(amount ignore nulls) over so_far as amount,
            last_value(currency ignore nulls) over so_far as currency,
            last_value(close_at ignore nulls) over so_far as close_at
        from moments
        window so_far as (partition by deal_id order by changed_at)
    )

select
    'hubspot' as source,
    deals.native_id,
    states.deal_id,
    row_number() over (partition by states.deal_id order by states.changed_at) as version_number,
    states.changed_at as version_at,
    states.pipeline,
    states.stage,
    coalesce(stages.stage_category, 'open') as stage_category,
    {{ minor_of_text("states.amount", "states.currency") }} as amount_minor,
    states.currency,
    deals.created_at,
    {{ utc_date("try_cast(states.close_at as timestamptz)") }} as close_date,
    deals.owner_id,
    deals.company_id,
    deals.product,
    states.observed_at,
    false as is_deleted,
    false as is_replaced,
    states.load_id
from states
inner join deals using (deal_id)
left join stages on stages.pipeline = states.pipeline and stages.stage = states.stage
