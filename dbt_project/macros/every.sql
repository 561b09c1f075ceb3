{#-
    The rows of one contract entity from every system that has it, as a subquery. `entity_systems` in dbt_project.yml
    says which do; a column that a system does not have is NULL. Where two systems have the same object, the first one
    counts: APIs before files, which are exports of them; last those that know of an order only that it was paid.
-#}
{% macro every(entity) -%}
    {%- set keys = {
        "accounts": ["network", "account_id"],
        "account_metrics": ["network", "account_id"],
        "deal_contacts": ["deal_id", "contact_id"],
        "deal_versions": ["deal_id"],
        "contact_merges": ["loser_id"],
        "exhibition_contacts": ["scan_id"],
        "post_metrics": ["post_id"],
        "profiles": ["profile_key"],
        "subscription_events": ["subscription_id"],
        "survey_responses": ["survey_id", "response_id", "question_id"],
    } -%}
    {%- set key = keys.get(entity, [entity[:-1] ~ "_id"]) -%}
    {%- set feeding = var("entity_systems").get(entity, []) | select("in", apis_in_use()) | list -%}
    {%- set payments = ["stripe"] -%}
    {%- set systems = (
        (feeding | reject("in", payments) | list) + ["files"] + (feeding | select("in", payments) | list)
    ) -%}
    (
        {% for system in systems -%}
            select *
            from {{ ref("stg_" ~ system ~ "__" ~ entity) }}
            {% for earlier in systems[: loop.index0] -%}
                anti join {{ ref("stg_" ~ earlier ~ "__" ~ entity) }} using ({{ key | join(", ") }})
                {% endfor -%} {{ "union all by name" if not loop.last }}
        {% endfor -%}
    )
{%- endmacro %}

{#- APIs that are read or were read once; all where nobody says. -#}
{% macro apis_in_use() -%}
    {%- set named = env_var("ROR_APIS", var("apis") | join(",")).split(",") -%}
    {{ return(var("apis") | select("in", named) | list) }}
{%- endmacro %}
