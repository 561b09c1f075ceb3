-- One row per person and date, in the brand's zone, on which the person said something meaningful
-- to the brand, and when first on it.
with messages as (select * from {{ ref("int_messages_enriched") }}), brands as (select * from {{ ref("int_brands") }})

select
    messages.person_id,
    {{ local_date("messages.sent_at", "brands.time_zone") }} as active_date,
    min(messages.sent_at) as active_at
from messages
inner join brands using (brand_id)
where
    messages.direction = 'inbound'
    and messages.person_id is not null
    and messages.is_meaningful
    and not coalesce(messages.is_automated, false)
    and not messages.is_deleted
group by messages.person_id, {{ local_date("messages.sent_at", "brands.time_zone") }}
