-- One row per landed version of a deal, in order: when was it won, when was that taken back.
with
    committed as ({{ committed_loads("files") }}),

    replaced_files as (select * from {{ ref("stg_files__replaced_files") }}),

    -- A row that was landed twice has the same `_dlt_id`.
    versions as (
        select distinct on (raw_rows._dlt_id) raw_rows.*, replaced_files.replaced_by_load_id is not null as is_replaced
        from {{ source("files", "deals") }} as raw_rows
        semi join committed on committed.load_id = raw_rows._dlt_load_id
        left join
            replaced_files
            on replaced_files.load_id = raw_rows._dlt_load_id
            and replaced_files.feed = raw_rows._feed
            and replaced_files.file_hash = raw_rows._file_hash
        order by raw_rows._dlt_id, raw_rows._ingest_seq
    )

select
    _source as source,
    _native_id as native_id,
    deal_id,
    row_number() over (
        partition by _native_id order by _version_at nulls first, _ingest_seq, _row_hash
    ) as version_number,
    coalesce(_version_at, _observed_at) as version_at,
    pipeline,
    stage,
    stage_category,
    amount_minor,
    currency,
    created_at,
    close_date,
    owner_id,
    company_id,
    product,
    _observed_at as observed_at,
    _is_deleted as is_deleted,
    is_replaced,
    _dlt_load_id as load_id
from versions
