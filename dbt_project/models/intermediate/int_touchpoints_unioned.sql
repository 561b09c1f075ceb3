{{ config(materialized="view") }}

-- One row per possible touch; `left_out_reason` says why a touch is on nobody's path.
with
    clicks as (select * from {{ ref("int_attribution_clicks") }}),

    messages as (select * from {{ ref("int_attribution_messages") }}),

    ad_costs as (select * from {{ ref("int_attribution_ad_costs") }}),

    touch_types as (select * from {{ ref("touch_types") }}),

    excluded_people as ({{ no_audience() }}),

    companies as (select * from {{ ref("int_attribution_person_companies") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    unioned as (
        select *
        from clicks
        union all
        select *
        from messages
    )

select
    unioned.touch_id,
    unioned.person_id,
    companies.company_id,
    coalesce(unioned.channel_id, '(unknown)') as channel_id,
    unioned.campaign,
    unioned.touch_type,
    touch_types.is_relationship,
    unioned.is_direct,
    unioned.touched_at,
    unioned.source_kind,
    unioned.source_id,
    ad_costs.cost_minor,
    base.base_currency as currency,
    case
        when unioned.left_out_reason is not null
        then unioned.left_out_reason
        when unioned.person_id is null
        then 'no_person'
        when excluded_people.reason is not null
        then excluded_people.reason
        when touch_types.touch_type is null
        then 'unknown_touch_type'
    end as left_out_reason
from unioned
cross join base
left join touch_types on touch_types.touch_type = unioned.touch_type
left join excluded_people on excluded_people.person_id = unioned.person_id
left join companies on companies.person_id = unioned.person_id
left join ad_costs on ad_costs.touch_id = unioned.touch_id
