-- One row per moment at which an opportunity in Salesforce changed its stage, amount, probability or close date, with
-- all of them as they were from then on. A stage that is no longer in the org's list counts as open.
with
    changes as ({{ newest_rows("salesforce", "opportunity_history") }}),

    deals as (select * from {{ ref("stg_salesforce__deals") }}),

    stages as (
        select
            api_name as stage, case when is_won then 'won' when is_closed then 'lost' else 'open' end as stage_category
        from ({{ newest_rows("salesforce", "stages") }})
    )

select
    'salesforce' as source,
    deals.native_id,
    changes.opportunity_id as deal_id,
    row_number() over (partition by changes.opportunity_id order by changes.created_at, changes.id) as version_number,
    changes.created_at as version_at,
    deals.pipeline,
    changes.stage,
    coalesce(stages.stage_category, 'open') as stage_category,
    {{ minor_of_text("changes.amount", "changes.currency") }} as amount_minor,
    changes.currency,
    deals.created_at,
    changes.close_date,
    deals.owner_id,
    deals.company_id,
    deals.product,
    changes._observed_at as observed_at,
    false as is_deleted,
    false as is_replaced,
    changes.load_id
from changes
inner join deals on deals.deal_id = changes.opportunity_id
left join stages on stages.stage = changes.stage
