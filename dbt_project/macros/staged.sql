{#-
    The staging rule: of all landed versions, the newest one per native id.

    Only complete loads count. Rows of a file that a later file of the same name replaced do not count either; a native
    id left without rows is deleted, by the load of the replacing file. Of the rest the newest version wins; the order
    is total, so the order of arrival does not matter. A row that was landed twice (same `_dlt_id`) is the same version.
    In an incremental build only native ids with a row in a new load, or in a file that a new load replaced, are picked.

    Columns: those of the raw table, and `is_deleted, deleted_at, load_id`.
    `load_id` is the load that last changed the native id.
-#}
{% macro staged(entity, key="_native_id") -%}
    {%- set raw = source("files", entity) -%}
    with
        committed as ({{ committed_loads() }}),

        replaced_files as (select * from {{ ref("stg_files__replaced_files") }}),

        landed as (
            select
                raw_rows.rowid as row_number,
                raw_rows._native_id as native_id,
                {{ key }} as key,
                raw_rows._dlt_load_id as landed_load_id,
                raw_rows._ingest_seq as ingest_seq,
                replaced_files.replaced_by_load_id,
                replaced_files.replaced_by_seq,
                replaced_files.replaced_at,
                {
                    'is_current': replaced_files.replaced_by_load_id is null,
                    'version_at': coalesce(raw_rows._version_at, '-infinity'::timestamptz),
                    'is_deleted': raw_rows._is_deleted,
                    'ingest_seq': raw_rows._ingest_seq,
                    'row_hash': raw_rows._row_hash
                } as version
            from {{ raw }} as raw_rows
            semi join committed on committed.load_id = raw_rows._dlt_load_id
            left join
                replaced_files
                on replaced_files.load_id = raw_rows._dlt_load_id
                and replaced_files.feed = raw_rows._feed
                and replaced_files.file_hash = raw_rows._file_hash
        ),

        {%- if is_incremental() %}
        touched as (
            select distinct native_id
            from landed
            where
                landed_load_id in ({{ unabsorbed_loads() }})
                or replaced_by_load_id in ({{ unabsorbed_loads() }})
        ),
        {%- endif %}

        newest as (
            select
                arg_max(row_number, version) as row_number,
                max(version).ingest_seq as ingest_seq,
                max(version).is_current as is_current,
                arg_max(landed_load_id, version) as landed_load_id,
                max(replaced_by_seq) as replaced_by_seq,
                arg_max(replaced_by_load_id, replaced_by_seq) as replaced_by_load_id,
                arg_max(replaced_at, replaced_by_seq) as replaced_at
            from landed
            {%- if is_incremental() %} semi join touched using (native_id){% endif %}
            group by key
        )

    select
        raw_rows.*,
        raw_rows._is_deleted or not newest.is_current as is_deleted,
        case
            when not newest.is_current then newest.replaced_at
            when raw_rows._is_deleted then coalesce(raw_rows._version_at, raw_rows._observed_at)
        end as deleted_at,
        if(
            newest.replaced_by_seq > newest.ingest_seq, newest.replaced_by_load_id, newest.landed_load_id
        ) as load_id
    from newest
    inner join {{ raw }} as raw_rows on raw_rows.rowid = newest.row_number
{%- endmacro %}
