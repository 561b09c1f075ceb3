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
    Lifetime figures of posts, from rows as `newest_rows` gives them, `metric` by the contract's name. `object_id`: the
    post it is of, by the network's id. Figures of what is no post of the brand are left out.
-#}
{% macro network_post_metrics(network, picked, is_organic_only, object_id="object_id") -%}
    select
        '{{ network }}' as source,
        picked._native_id as native_id,
        posts.post_id,
        '{{ network }}' as network,
        picked.metric,
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

{#-
    Followers of the brand's accounts: the number as of each night, and, where the network tells them, gains and losses
    of a day. `stock`: the network's name of the number; `flows`: its names of gains and losses, each with ours.
-#}
{% macro network_account_metrics(network, stock, flows={}) -%}
    select
        '{{ network }}' as source,
        _native_id as native_id,
        object_id as account_id,
        '{{ network }}' as network,
        case
            metric
            when '{{ stock }}'
            then 'followers'
            {%- for name, ours in flows.items() %} when '{{ name }}' then '{{ ours }}' {%- endfor %}
        end as metric,
        if(period = 'lifetime', 'stock', 'flow') as basis,
        {% if flows -%}
            -- The middle of a day lies on its date, whether the day ends at midnight there or in UTC.
            if(period = 'lifetime', left(slot, 10)::date, {{ utc_date("(period_end_at - interval 12 hours)") }})
        {%- else -%} left(slot, 10)::date
        {%- endif %} as metric_date,
        value,
        _observed_at as observed_at,
        is_deleted,
        deleted_at,
        load_id
    from ({{ newest_rows(network, "metrics") }})
    where
        object_kind = 'accounts'
        and breakdown is null
        and (
            (period = 'lifetime' and metric = '{{ stock }}')
            {%- if flows %} or (period <> 'lifetime' and metric in ('{{ flows.keys() | join("', '") }}')) {%- endif %}
        )
{%- endmacro %}

{#- When followers of each account were first read to the end: of those before it nobody knows since when. -#}
{% macro first_follower_reads(network) -%}
    select account_id, min(read_at) as first_read_at
    from {{ source(network, "complete_reads") }}
    where resource = 'followers' and _dlt_load_id in ({{ committed_loads(network) }})
    group by account_id
{%- endmacro %}
