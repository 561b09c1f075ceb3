-- One row per list, object, field or metric that an API did not give, as met in one run.
{% for api in var("apis") -%}
    select run_id, slot, source, resource, event, subject, reason, seen_at
    from {{ source(api, "source_capability_events") }}
    where _dlt_load_id in ({{ committed_loads(api) }}) {{ "union all" if not loop.last }}
{% endfor %}
