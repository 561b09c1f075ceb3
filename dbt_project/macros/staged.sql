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
    with
        committed as ({{ committed_loads("files") }}),

        replaced_files as (select * from {{ ref("stg_files__replaced_files") }}),

        -- Scanned more than once and wide: reading it again is cheaper than keeping it.
        landed as not materialized(
            select
                raw_rows.*,
                {{ key }} as version_key,
                replaced_files.replaced_by_load_id,
                replaced_files.replaced_by_seq,
                replaced_files.replaced_at
            from {{ source("files", entity) }} as raw_rows
            semi join committed on committed.load_id = raw_rows._dlt_load_id
            left join
                replaced_files
                on replaced_files.load_id = raw_rows._dlt_load_id
                and replaced_files.feed = raw_rows._feed
                and replaced_files.file_hash = raw_rows._file_hash
        ),

        {% if is_incremental() -%}
            touched as (
                select distinct _native_id
                from landed
                where _dlt_load_id in ({{ unabsorbed_loads() }}) or replaced_by_load_id in ({{ unabsorbed_loads() }})
            ),

            considered as materialized(select * from landed semi join touched using (_native_id)),
        {%- else -%} considered as not materialized(select * from landed),
        {%- endif %}

        -- Most keys have one version and need no choice. Two keys with one hash are only chosen
        -- among needlessly.
        contested as (select hash(version_key) as key_hash from considered group by key_hash having count(*) > 1),

        newest as (
            select
                *,
                max(replaced_by_seq) over versions as last_replaced_seq,
                arg_max(replaced_by_load_id, replaced_by_seq) over versions as last_replaced_load_id
            from considered
            where hash(version_key) in (select key_hash from contested)
            window versions as (partition by version_key)
            -- Rows that still count first, then the newest.
            qualify
                row_number() over (
                    partition by version_key
                    order by
                        replaced_by_load_id is not null,
                        _version_at desc nulls last,
                        _is_deleted desc,
                        _ingest_seq desc,
                        _row_hash desc
                )
                = 1
        ),

        picked as (
            select *
            from newest
            union all
            select *, replaced_by_seq as last_replaced_seq, replaced_by_load_id as last_replaced_load_id
            from considered
            where hash(version_key) not in (select key_hash from contested)
        )

    select
        *,
        _is_deleted or replaced_by_load_id is not null as is_deleted,
        case
            when replaced_by_load_id is not null
            then replaced_at
            when _is_deleted
            then coalesce(_version_at, _observed_at)
        end as deleted_at,
        if(last_replaced_seq > _ingest_seq, last_replaced_load_id, _dlt_load_id) as load_id
    from picked
{%- endmacro %}
