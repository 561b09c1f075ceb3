-- One row per entity of the contract: what landed, what staging kept of it, and why it left out the rest. Out and
-- reasons are counted apart from each other.
{% set entities = [
    "account_metrics",
    "accounts",
    "agents",
    "clicks",
    "companies",
    "contact_merges",
    "contacts",
    "costs",
    "deal_contacts",
    "deals",
    "exhibition_contacts",
    "exhibitions",
    "messages",
    "orders",
    "post_metrics",
    "posts",
    "profiles",
    "reactions",
    "referrals",
    "refunds",
    "subscription_events",
    "survey_responses",
    "surveys",
] -%}
{#- Metrics are observations: each instant is a row of its own. A hash over several columns would collide. -#}
{% set observation = "(_native_id, coalesce(observed_at, _version_at, _observed_at))" -%}
{% set keys = {"account_metrics": observation, "post_metrics": observation} -%}
with
    committed as ({{ committed_loads("files") }}),

    {% for entity in entities -%}
        raw_{{ entity }} as (
            select
                count(*) as rows_in,
                count(*) filter (committed.load_id is null) as not_committed,
                count(*) filter (committed.load_id is not null) as committed_count,
                count(distinct hash(_dlt_id)) filter (committed.load_id is not null) as landed_count,
                count(distinct {{ keys.get(entity, "hash(_native_id)") }}) filter (
                    committed.load_id is not null
                ) as key_count
            from {{ source("files", entity) }} as landed
            left join committed on committed.load_id = landed._dlt_load_id
        ){{ "," if not loop.last }}
    {% endfor -%}

{% for entity in entities -%}
    select
        '{{ entity }}' as table_name,
        (select rows_in from raw_{{ entity }}) as rows_in,
        count(*) filter (not is_deleted) as rows_out,
        (select not_committed from raw_{{ entity }}) as not_committed,
        (select committed_count - landed_count from raw_{{ entity }}) as loaded_twice,
        (select landed_count - key_count from raw_{{ entity }}) as superseded,
        count(*) filter (is_deleted) as deleted_upstream
    from {{ ref("stg_files__" ~ entity) }} {{ "union all" if not loop.last }}
{% endfor %}
