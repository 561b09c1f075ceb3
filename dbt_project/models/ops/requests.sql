-- One row per attempt of a request to an API.
{% for api in var("apis") -%}
    select
        run_id,
        slot,
        source,
        resource,
        method,
        url_template,
        attempt,
        status,
        outcome,
        started_at,
        elapsed_ms,
        bytes,
        rows,
        wait_ms,
        cost_micro,
        version_header,
        request_id
    from {{ source(api, "requests") }}
    where _dlt_load_id in ({{ committed_loads(api) }}) {{ "union all" if not loop.last }}
{% endfor %}
