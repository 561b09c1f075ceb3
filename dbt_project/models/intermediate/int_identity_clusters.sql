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

    -- Numbers join faster than texts; they exist for this query only and decide nothing.
    numbered as (
        select identifier, row_number() over () as node
        from (select a as identifier from edges union select b from edges) as linked
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

    -- The least number spreads along the links until nothing changes.
    components(node, component) using key (node) as (
        select node, node
        from numbered
        union
        select both_ways.to_node, min(components.component)
        from components
        inner join both_ways on both_ways.from_node = components.node
        inner join recurring.components as known on known.node = both_ways.to_node
        where components.component < known.component
        group by both_ways.to_node
    ),

    members as (
        select identifiers.*, coalesce(components.component::varchar, identifiers.identifier) as component
        from identifiers
        left join numbered using (identifier)
        left join components using (node)
    ),

    persons as (
        select
            component,
            'p_' || md5(
                arg_min(identifier, {'seen_at': coalesce(first_seen_at, 'infinity'), 'identifier': identifier})
            )[:16] as person_id
        from members
        group by component
    )

select members.identifier, members.identifier_kind, members.identifier_key, members.first_seen_at, persons.person_id
from members
inner join persons using (component)
