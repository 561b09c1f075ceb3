{{ config(materialized="view") }}

-- One row per identifier: the person it belongs to. Persons are the connected components of the edges that may be used.
-- A person is called after the identifier seen first by the time of events, so that arrival never changes an id.
with recursive
    identifiers as (select * from {{ ref("int_identifiers") }}),

    edges as (
        select a, b
        from {{ ref("int_identity_edges") }}
        anti join {{ ref("int_identity_conflicts") }} as a_conflicts on a_conflicts.identifier = a
        anti join {{ ref("int_identity_conflicts") }} as b_conflicts on b_conflicts.identifier = b
    ),

    -- Numbers join faster than texts. The identifier with most edges comes first: its number spreads in few steps.
    numbered as (
        select identifier, row_number() over (order by count(*) desc, identifier) as node
        from
            (
                select a as identifier
                from edges
                union all
                select b
                from edges
            ) as linked
        group by identifier
    ),

    links as (
        select a_nodes.node as from_node, b_nodes.node as to_node
        from edges
        inner join numbered as a_nodes on a_nodes.identifier = edges.a
        inner join numbered as b_nodes on b_nodes.identifier = edges.b
    ),

    both_ways as (
        select from_node, to_node
        from links
        union
        select to_node, from_node
        from links
    ),

    -- The least number of a component reaches all of it in about as many steps as its length has binary digits. Each
    -- step hands a node's number to its neighbours and to the node they are called after, then skips to where that
    -- one points. After Zhang, Azad, Hu: FastSV (2020).
    spread(node, component, step_count, has_changed) as (
        select node, node, 0, true
        from numbered
        union all
        select
            offered.node,
            least(offered.component, further.component),
            offered.step_count + 1,
            least(offered.component, further.component) < offered.old_component
        from
            (
                select
                    node,
                    min(component) as component,
                    max(old_component) as old_component,
                    max(step_count) as step_count
                from
                    (
                        select node, component, component as old_component, step_count
                        from spread
                        union all
                        select unnest([to_node, old_component]), component, null, null
                        from
                            (
                                select both_ways.to_node, to_spread.component as old_component, from_spread.component
                                from both_ways
                                inner join spread as from_spread on from_spread.node = both_ways.from_node
                                inner join spread as to_spread on to_spread.node = both_ways.to_node
                            ) as neighbours
                        where component < old_component
                    ) as offers
                group by node
            ) as offered
        inner join spread as further on further.node = offered.component
        where exists (select 1 from spread as others where others.has_changed)
    ),

    components as (select node, component from spread where step_count = (select max(step_count) from spread)),

    linked as (
        select identifiers.identifier, identifiers.first_seen_at, components.component
        from components
        inner join numbered using (node)
        inner join identifiers using (identifier)
    ),

    firsts as (
        select
            component,
            arg_min(identifier, {'seen_at':coalesce(first_seen_at, 'infinity'), 'identifier':identifier}) as identifier
        from linked
        group by component
    ),

    -- Most identifiers are linked to none and are a person of their own.
    named_after as (
        select linked.identifier, firsts.identifier as first_identifier from linked inner join firsts using (component)
    )

select
    identifiers.identifier,
    identifiers.identifier_kind,
    identifiers.identifier_key,
    identifiers.first_seen_at,
    'p_' || md5(coalesce(named_after.first_identifier, identifiers.identifier))[:16] as person_id
from identifiers
left join named_after using (identifier)
