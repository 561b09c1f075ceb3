{#- What staging of every social network shares. -#}
{#-
    Accounts of the brand on a network. Columns of the raw table: `id`, `handle`, `name`; `time_zone`: whose midnights
    end the network's days.
-#}
{% macro network_accounts(network, id, handle, name, time_zone="UTC") -%}
    select
        '{{ network }}' as source,
        _native_id as native_id,
        {{ id }} as account_id,
        '{{ network }}' as network,
        {{ handle }} as handle,
        {{ name }} as name,
        null::varchar as brand_id,
        '{{ time_zone }}' as native_time_zone,
        _observed_at as observed_at,
        is_deleted,
        deleted_at,
        load_id
    from ({{ newest_rows(network, "accounts") }})
{%- endmacro %}

{#-
    Lifetime figures of posts, from rows as `newest_rows` gives them. `metric`: the contract's name of a figure;
    `object_id`: the post it is of, by the network's id. Figures of what is no post of the brand are left out.
-#}
{% macro network_post_metrics(network, picked, is_organic_only, metric="metric", object_id="object_id") -%}
    select
        '{{ network }}' as source,
        picked._native_id as native_id,
        posts.post_id,
        '{{ network }}' as network,
        {{ metric }} as metric,
        'lifetime' as basis,
        left(picked.slot, 10)::date as metric_date,
        picked.value,
        {{ is_organic_only }} as is_organic_only,
        picked._observed_at as observed_at,
        picked.is_deleted,
        picked.deleted_at,
        picked.load_id
    from {{ picked }} as picked
    inner join
        {{ ref("stg_" ~ network ~ "__posts") }} as posts
        on posts.post_id = md5('{{ network }}|post|' || picked.{{ object_id }})
{%- endmacro %}

{#- When followers of each account were first read to the end: of those before it nobody knows since when. -#}
{% macro first_follower_reads(network) -%}
    select account_id, min(read_at) as first_read_at
    from {{ source(network, "complete_reads") }}
    where resource = 'followers' and _dlt_load_id in ({{ committed_loads(network) }})
    group by account_id
{%- endmacro %}
