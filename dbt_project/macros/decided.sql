{#- Tables that the night fills before the build: what people decided about identities, and forms of names as keys. -#}
{% macro prepare_decided() -%}
    {%- if execute -%}
        create schema if not exists decided;
        create table if not exists decided.loads (load_id varchar);
        create table if not exists decided.identity_decisions (
            a varchar, b varchar, state varchar, decided_at timestamp with time zone, decision_id varchar
        );
        create table if not exists decided.given_names (name_key varchar, given_name varchar);
    {%- endif -%}
{%- endmacro %}

{#-
    One row per pair of identifiers about which somebody decided, as a subquery: by command, else by the seed. `open`
    takes a line of the seed back.
-#}
{% macro identity_decisions() -%}
    (
        select a, b, state, decided_at, decision_id
        from {{ source("decided", "identity_decisions") }}
        where state <> 'open'
        union all
        select a, b, state, null, 'seed'
        from
            (
                select
                    least(left_identifier, right_identifier) as a,
                    greatest(left_identifier, right_identifier) as b,
                    decision as state
                from {{ ref("identity_decisions") }}
            ) as seeded
        anti join {{ source("decided", "identity_decisions") }} using (a, b)
    )
{%- endmacro %}
