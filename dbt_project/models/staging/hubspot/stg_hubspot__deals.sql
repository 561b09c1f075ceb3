-- One row per deal in HubSpot.
with
    picked as ({{ newest_rows("hubspot", "deals") }}),

    stages as (select * from {{ ref("stg_hubspot__stages") }}),

    linked as (select * from ({{ newest_rows("hubspot", "deal_companies") }}) where not is_deleted),

    companies as (select deal_id, min(to_id) as company_id from linked group by deal_id)

select
    'hubspot' as source,
    'hubspot|' || picked._native_id as native_id,
    picked.id as deal_id,
    picked.pipeline,
    picked.dealstage as stage,
    coalesce(stages.stage_category, 'open') as stage_category,
    {{ minor_of_text("picked.amount", "picked.deal_currency_code") }} as amount_minor,
    picked.deal_currency_code as currency,
    picked.created_at,
    {{ utc_date("picked.closedate") }} as close_date,
    picked.hubspot_owner_id as owner_id,
    companies.company_id,
    picked.dealname as product,
    picked.updated_at,
    picked._observed_at as observed_at,
    picked.is_deleted,
    picked.deleted_at,
    picked.load_id
from picked
left join stages on stages.pipeline = picked.pipeline and stages.stage = picked.dealstage
left join companies on companies.deal_id = picked.id
