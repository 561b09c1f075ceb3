with
    movements as (select * from {{ ref("int_revenue_movements") }}),

    buyers as (select * from {{ ref("int_revenue_buyers") }}),

    base as (select * from {{ ref("int_base_currency") }})

select
    movements.revenue_event_id,
    movements.kind,
    movements.occurred_at,
    movements.event_date,
    buyers.person_id,
    buyers.company_id,
    movements.original_amount_minor,
    movements.original_currency,
    cast(movements.fx_rate as double) as fx_rate,
    movements.fx_date,
    movements.amount_minor,
    {{ share_of_minor("movements.amount_minor", "base.margin_rate") }} as margin_minor,
    movements.mrr_change_minor,
    base.base_currency as currency,
    case when base.margin_rate is null then 'revenue' else 'brand' end as margin_basis,
    movements.order_id,
    movements.deal_id,
    movements.subscription_id,
    movements.reversal_of
from movements
cross join base
left join
    buyers
    on buyers.entity = movements.buyer_entity
    and buyers.source = movements.source
    and buyers.native_id = movements.buyer_native_id
