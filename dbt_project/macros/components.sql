{#-
    CTEs that end in `<name>` (identifier, component): the connected components of pairs (a, b) of identifiers.

    The least number of a component reaches all of it in about as many steps as its length has binary digits. Each step
    hands a node's number to its neighbours and to the node they are called after, then skips to where that one points.
    After Zhang, Azad, Hu: FastSV (2020).
-#}
{% macro components(name, pairs) -%}
    {{ name }}_pairs as ({{ pairs }}),

    -- Numbers join faster than texts. The identifier with most pairs comes first: its number spreads in few steps.
    {{ name }}_numbered as (
        select identifier, row_number() over (order by count(*) desc, identifier) as node
        from
            (
                select a as identifier
                from {{ name }}_pairs
                union all
                select b
                from {{ name }}_pairs
            ) as paired
        group by identifier
    ),

    {{ name }}_links as (
        select a_nodes.node as from_node, b_nodes.node as to_node
        from {{ name }}_pairs as pairs
        inner join {{ name }}_numbered as a_nodes on a_nodes.identifier = pairs.a
        inner join {{ name }}_numbered as b_nodes on b_nodes.identifier = pairs.b
    ),

    {{ name }}_both_ways as (
        select from_node, to_node
        from {{ name }}_links
        union
        select to_node, from_node
        from {{ name }}_links
    ),

    {{ name }}_spread(node, component, step_count, has_changed) as (
        select node, node, 0, true
        from {{ name }}_numbered
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
                        from {{ name }}_spread
                        union all
                        select unnest([to_node, old_component]), component, null, null
                        from
                            (
                                select both_ways.to_node, to_spread.component as old_component, from_spread.component
                                from {{ name }}_both_ways as both_ways
                                inner join {{ name }}_spread as from_spread on from_spread.node = both_ways.from_node
                                inner join {{ name }}_spread as to_spread on to_spread.node = both_ways.to_node
                            ) as neighbours
                        where component < old_component
                    ) as offers
                group by node
            ) as offered
        inner join {{ name }}_spread as further on further.node = offered.component
        where exists (select 1 from {{ name }}_spread as others where others.has_changed)
    ),

    {{ name }} as (
        select numbered.identifier, spread.component
        from {{ name }}_spread as spread
        inner join {{ name }}_numbered as numbered using (node)
        where spread.step_count = (select max(step_count) from {{ name }}_spread)
    )
{%- endmacro %}

{#-
    Groups of contacts that no given name can be common to, as a subquery with the column `group_column`. `contacts`:
    has `group_column`, same_contact_id, given_names, family_name; those without a name contradict nobody. With
    `by_family` also groups of several family names.
-#}
{% macro contradicting(contacts, group_column, by_family=false) -%}
    (
        select {{ group_column }}
        from
            (
                select {{ group_column }}, count(distinct same_contact_id) as contact_count
                from {{ contacts }}
                where len(given_names) > 0
                group by {{ group_column }}
                having contact_count > 1
            ) as counted
        inner join
            (
                select {{ group_column }}, max(bearer_count) as bearer_count
                from
                    (
                        select {{ group_column }}, given_name, count(distinct same_contact_id) as bearer_count
                        from
                            (
                                select {{ group_column }}, same_contact_id, unnest(given_names) as given_name
                                from {{ contacts }}
                            )
                        group by {{ group_column }}, given_name
                    ) as borne
                group by {{ group_column }}
            ) as shared using ({{ group_column }})
        where bearer_count < contact_count
        {% if by_family -%}
            union
            select {{ group_column }}
            from {{ contacts }}
            group by {{ group_column }}
            having min(family_name) < max(family_name)
        {%- endif %}
    )
{%- endmacro %}
