{{ config(materialized="view") }}
{#- From weak to strong: all links, all but clicks, those that the CRM itself makes, those that are certain. -#}
{% set levels = [0, 0.95, 0.98, 1] %}

-- One row per identifier: the person it belongs to. Persons are the connected components of the links that may be used.
-- A component in which contacts of different given names meet, or by a click of different family names, is closed again
-- with stronger links only, until they are apart. A person is called after the identifier seen first by the time of
-- events, so that arrival never changes an id.
with recursive
    identifiers as (select * from {{ ref("int_identifiers") }}),

    -- What people decided holds whatever else is doubted.
    edges as (
        select edges.a, edges.b, edges.confidence
        from {{ ref("int_identity_edges") }} as edges
        left join {{ ref("int_identity_conflicts") }} as a_conflicts on a_conflicts.identifier = edges.a
        left join {{ ref("int_identity_conflicts") }} as b_conflicts on b_conflicts.identifier = edges.b
        where
            edges.decision <> 'rejected'
            and (edges.rule = 'manual' or (a_conflicts.identifier is null and b_conflicts.identifier is null))
    ),

    contacts as (select 'contact|' || contact_id as identifier, * from {{ ref("int_contact_names") }}),

    {% for level in levels -%}
        {% set name, earlier = "level_" ~ loop.index, "torn_" ~ loop.index0 -%}
        {{
            components(
                name,
                "select a, b from edges where confidence >= "
                ~ level
                ~ ("" if loop.first else " and a in (select identifier from " ~ earlier ~ ")"),
            )
        }},

        {% if not loop.last -%}
            named_{{ loop.index }} as (
                select components.component, contacts.*
                from {{ name }} as components
                inner join contacts using (identifier)
            ),

            torn_{{ loop.index }} as (
                select identifier
                from {{ name }}
                semi join {{ contradicting("named_" ~ loop.index, "component", loop.first) }} as torn using (component)
            ),
        {%- endif %}
    {%- endfor %}

    components as (
        {% for level in levels -%}
            select identifier, {{ loop.index }} as level, component
            from level_{{ loop.index }}
            {% if not loop.last %}
                anti join torn_{{ loop.index }} using (identifier)
                union all
            {% endif %}
        {%- endfor %}
    ),

    linked as (
        select identifiers.identifier, identifiers.first_seen_at, components.level, components.component
        from components
        inner join identifiers using (identifier)
    ),

    firsts as (
        select
            level,
            component,
            arg_min(identifier, {'seen_at':coalesce(first_seen_at, 'infinity'), 'identifier':identifier}) as identifier
        from linked
        group by level, component
    ),

    -- Most identifiers are linked to none and are a person of their own.
    named_after as (
        select linked.identifier, firsts.identifier as first_identifier
        from linked
        inner join firsts using (level, component)
    )

select
    identifiers.identifier,
    identifiers.identifier_kind,
    identifiers.identifier_key,
    identifiers.first_seen_at,
    {{ person_id("coalesce(named_after.first_identifier, identifiers.identifier)") }} as person_id
from identifiers
left join named_after using (identifier)
