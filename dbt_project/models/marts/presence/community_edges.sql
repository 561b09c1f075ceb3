with
    peers as (
        select message_id, conversation_id, parent_message_id, author_person_id, to_person_id, sent_at
        from {{ ref("int_messages_identified") }}
        where direction = 'peer' and is_audience and author_person_id is not null
    ),

    enriched as (select message_id, brand_id from {{ ref("int_messages_enriched") }}),

    brands as (select * from {{ ref("int_brands") }}),

    parents as (
        select message_id, author_person_id as parent_person_id
        from {{ ref("int_messages_identified") }}
        where is_audience and message_id in (select parent_message_id from peers)
    ),

    addressed as (
        select
            enriched.brand_id,
            peers.sent_at,
            peers.author_person_id as from_person_id,
            coalesce(parents.parent_person_id, peers.to_person_id) as to_person_id
        from peers
        inner join enriched using (message_id)
        left join parents on parents.message_id = peers.parent_message_id
    )

select
    addressed.brand_id,
    {{ start_of("month", local_date("addressed.sent_at", "brands.time_zone")) }} as month_start_date,
    addressed.from_person_id,
    addressed.to_person_id,
    count(*) as reply_count
from addressed
inner join brands using (brand_id)
where addressed.to_person_id is not null and addressed.to_person_id <> addressed.from_person_id
group by all
