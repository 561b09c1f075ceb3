-- One row per conversation in which the audience said something: when it began, and how often the word passed between
-- the audience and the brand's people.
with
    messages as (
        select *, direction = 'outbound' as is_outbound
        from {{ ref("int_messages_enriched") }}
        where not is_deleted and not is_automated and not is_bot and direction <> 'peer'
    ),

    passed as (
        select
            conversation_id,
            brand_id,
            network,
            sent_at,
            is_outbound,
            is_outbound <> lag(is_outbound) over (
                partition by conversation_id order by sent_at, is_outbound, message_id
            ) as is_passed
        from messages
    )

select
    conversation_id,
    arg_min(brand_id, sent_at) as brand_id,
    arg_min(network, sent_at) as network,
    min(sent_at) as began_at,
    count(*) filter (is_passed) as alternation_count,
    bool_or(is_outbound) as has_brand
from passed
group by conversation_id
having bool_or(not is_outbound)
