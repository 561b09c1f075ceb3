{{ config(materialized="view") }}

-- One row per turn that needs a reply: its month, and whether a peer answered it: another person who wrote in its
-- conversation later, to whomever.
with
    turns as (select * from {{ ref("int_turns") }} where needs_reply),

    brands as (select * from {{ ref("int_brands") }}),

    helped as (
        select conversation_id, person_id, sent_at
        from {{ ref("int_messages_enriched") }}
        where direction = 'peer' and not is_deleted and not is_bot and not is_brand_actor and is_meaningful
    )

select
    turns.brand_id,
    {{ start_of("month", local_date("turns.opened_at", "brands.time_zone")) }} as month_start_date,
    turns.turn_id,
    coalesce(
        bool_or(helped.sent_at > turns.opened_at and helped.person_id is distinct from turns.person_id), false
    ) as is_helped
from turns
inner join brands using (brand_id)
left join helped using (conversation_id)
group by all
