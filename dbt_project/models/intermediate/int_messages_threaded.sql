{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="message_id") }}

-- One row per message: its conversation. That is the source's thread; else the one of the topmost known ancestor;
-- where an ancestor is missing its id stands in, so that a parent that arrives later finds its replies.
with recursive
    messages as (select message_id, parent_message_id, thread_id, load_id from {{ every("messages") }}),

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

        affected as (
            select message_id
            from {{ this }}
            semi join touched_conversations using (conversation_id)
            union
            select message_id
            from changed
            union
            select messages.message_id
            from messages
            semi join changed on changed.message_id = messages.parent_message_id
        ),

        considered as materialized(
            select row_number() over () as node, messages.* from messages semi join affected using (message_id)
        ),
    {%- else -%} considered as materialized(select row_number() over () as node, messages.* from messages),
    {%- endif %}

    known_parents as (
        select messages.message_id
        from messages
        semi join considered on considered.parent_message_id = messages.message_id
    ),

    orphans as (
        select node
        from considered
        anti join known_parents on known_parents.message_id = considered.parent_message_id
        where considered.parent_message_id is not null
    ),

    -- A message of a source's thread does not ask its parent.
    parents as (
        select children.node, parents.node as parent_node
        from considered as children
        inner join considered as parents on parents.message_id = children.parent_message_id
        where children.thread_id is null
    ),

    -- Each step doubles the distance to the ancestor found. It ends when a step has found no more tops.
    jumps(node, ancestor, step_count, is_at_top, has_arrived) as (
        select node, parent_node, 0, false, true
        from parents
        union all
        select
            jumps.node,
            coalesce(further.ancestor, jumps.ancestor),
            jumps.step_count + 1,
            further.node is null,
            further.node is null and not jumps.is_at_top
        from jumps
        left join jumps as further on further.node = jumps.ancestor
        where
            exists (select 1 from jumps as others where others.has_arrived)
            and exists (select 1 from jumps as others where not others.is_at_top)
    ),

    ancestors as (select node, ancestor, is_at_top from jumps where step_count = (select max(step_count) from jumps)),

    -- What remains leads into a circle of parents: the least message id of all that hangs together stands for its top.
    circle_links as (
        select unnest([node, parent_node]) as node, unnest([parent_node, node]) as other_node
        from parents
        semi join (select node from ancestors where not is_at_top) as circling using (node)
    ),

    circles(node, least_id)
using
    key(node) as (
        select node, message_id
        from considered
        semi join circle_links using (node)
        union
        select links.other_node, min(circles.least_id)
        from circles
        inner join circle_links as links on links.node = circles.node
        inner join recurring.circles as known on known.node = links.other_node
        where circles.least_id < known.least_id
        group by links.other_node
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
left join ancestors using (node)
inner join considered as tops on tops.node = coalesce(ancestors.ancestor, considered.node)
left join circles on circles.node = considered.node
