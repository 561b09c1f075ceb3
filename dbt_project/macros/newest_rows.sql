{#-
    The staging rule of APIs: of all landed rows of an object, the newest one.

    Only complete loads count. The order is total, so the order of arrival does not matter; a row that was landed twice
    is the same row. An object that has ended is marked `is_deleted`: its last row came with the end. In an incremental
    build only objects with a row in a new load are picked.

    Columns: those of the raw table, and `is_deleted, deleted_at, load_id, first_observed_at`.
-#}
{% macro newest_rows(system, table) -%}
    with
        committed as ({{ committed_loads(system) }}),

        landed as not materialized(
            select raw_rows.*
            from {{ source(system, table) }} as raw_rows
            semi join committed on committed.load_id = raw_rows._dlt_load_id
        )

        {% if is_incremental() -%}
            , touched as (select distinct _native_id from landed where _dlt_load_id in ({{ unabsorbed_loads() }}))
        {%- endif %}

    select
        *,
        _is_deleted as is_deleted,
        if(_is_deleted, _version_at, null) as deleted_at,
        _dlt_load_id as load_id,
        min(_observed_at) over (partition by _native_id) as first_observed_at
    from landed
    {% if is_incremental() -%} semi join touched using (_native_id) {%- endif %}
    qualify
        row_number() over (
            partition by _native_id order by _version_at desc nulls last, _ingest_seq desc, _row_hash desc
        )
        = 1
{%- endmacro %}
