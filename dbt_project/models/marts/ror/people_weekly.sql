with
    weekly as (select * from {{ ref("int_people_weekly") }}),

    span as (
        select greatest(score_week_index, panel_week_index) as last_week_index from {{ ref("int_relationship_span") }}
    ),

    base as (select * from {{ ref("int_base_currency") }})

select
    weekly.person_id,
    {{ week_start("weekly.week_index") }} as week_start_date,
    weekly.week_index,
    cast(weekly.turn_count as integer) as inbound_count,
    cast(weekly.personal_reply_count as integer) as personal_reply_count,
    cast(weekly.prompt_reply_count as integer) as prompt_reply_count,
    cast(weekly.proactive_count as integer) as proactive_count,
    cast(weekly.reaction_count as integer) as reaction_count,
    cast(weekly.share_count as integer) as share_count,
    cast(weekly.advocacy_count as integer) as advocacy_count,
    cast(weekly.order_count as integer) as order_count,
    weekly.revenue_minor,
    weekly.margin_minor,
    base.base_currency as currency,
    case when base.margin_rate is null then 'revenue' else 'brand' end as margin_basis,
    cast(least(weekly.dose, 10) as integer) as dose,
    cast(least(weekly.prompt_dose, 10) as integer) as prompt_dose,
    coalesce(
        weekly.week_index - max(if(weekly.purchase_count > 0, weekly.week_index, null)) over history < 52, false
    ) as is_active_customer
from weekly
cross join span
cross join base
where weekly.week_index <= span.last_week_index
window history as (partition by weekly.person_id order by weekly.week_index)
