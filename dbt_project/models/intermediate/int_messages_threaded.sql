{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="message_id") }}

-- One row per message: its conversation. That is the source's thread; else the one of the topmost known ancestor; where
-- an ancestor is missing its id stands in, so that a parent that arrives later finds its replies.
with recursive
    messages as (select message_id, parent_message_id, thread_id, load_id from {{ ref("stg_files__messages") }}),

    {% if is_incremental() -%}
    changed as (select * from messages where load_id in ({{ unabsorbed_loads() }})),

    -- What a changed message was in, comes into, or had been named for as a missing parent.
    touched_conversations as (
        select conversation_id
        from {{ this }}
        semi join changed using (message_id)
        union
        select conversation_id
        from {{ this }} as threaded
        semi join changed on changed.parent_message_id = threaded.message_id
        union
        select message_id
        from changed
    ),

    considered as (
        select row_number() over () as node, messages.*
        from messages
        where
            message_id in (select message_id from {{ this }} semi join touched_conversations using (conversation_id))
            or message_id in (select message_id from changed)
            or parent_message_id in (select message_id from changed)
    ),
    {%- else -%}
    considered as (select row_number() over () as node, messages.* from messages),
    {%- endif %}

    orphans as (
        select node
        from considered
        anti join messages as parents on parents.message_id = considered.parent_message_id
        where considered.parent_message_id is not null
    ),

    -- A message of a source's thread does not ask its parent.
    parents as (
        select children.node, parents.node as parent_node
        from considered as children
        inner join considered as parents on parents.message_id = children.parent_message_id
        where children.thread_id is null
    ),

    -- Each step doubles the distance to the ancestor found: twenty steps reach a million generations.
    jumps(node, ancestor, step_count) using key (node) as (
        select node, parent_node, 0
        from parents
        union
        select jumps.node, further.ancestor, jumps.step_count + 1
        from jumps
        inner join recurring.jumps as further on further.node = jumps.ancestor
        where jumps.step_count < 20
    ),

    -- Parents that form a circle have no top: after all steps their ancestors are exactly the circle.
    in_circles as (select distinct ancestor as node from jumps where ancestor in (select node from jumps)),

    circles(node, least_id) using key (node) as (
        select node, message_id
        from considered
        semi join in_circles using (node)
        union
        select parents.parent_node, min(circles.least_id)
        from circles
        inner join parents using (node)
        inner join recurring.circles as known on known.node = parents.parent_node
        where circles.least_id < known.least_id
        group by parents.parent_node
    )

select
    considered.message_id,
    considered.parent_message_id,
    coalesce(
        tops.thread_id,
        circles.least_id,
        if(tops.node in (select node from orphans), tops.parent_message_id, tops.message_id)
    ) as conversation_id,
    considered.node in (select node from orphans) as is_orphan,
    {{ newest_load() }} as load_id
from considered
left join jumps using (node)
inner join considered as tops on tops.node = coalesce(jumps.ancestor, considered.node)
left join circles on circles.node = jumps.ancestor
