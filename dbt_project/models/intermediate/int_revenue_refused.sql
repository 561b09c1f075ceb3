-- One row per order, refund, won stay of a deal or change of a subscription that is not in the ledger, with the reason.
select source, 'orders' as entity, native_id, refusal_reason as reason
from {{ ref("int_orders_valued") }}
where refusal_reason is not null
union all
select source, 'refunds' as entity, native_id, refusal_reason as reason
from {{ ref("int_revenue_refunds") }}
where refusal_reason is not null
union all
select source, 'deals' as entity, native_id, refusal_reason as reason
from {{ ref("int_revenue_deals") }}
where refusal_reason is not null
union all
select source, 'subscription_events' as entity, native_id, refusal_reason as reason
from {{ ref("int_revenue_subscriptions") }}
where refusal_reason is not null
union all
-- Of a deal that was deleted before it was first read nothing tells when it was won.
select source, 'deals' as entity, native_id, if(is_deleted, 'deleted', 'history_missing') as reason
from {{ every("deals") }}
where stage_category = 'won' and native_id not in (select native_id from {{ ref("int_revenue_deals") }})
