-- One row per landed file content that a later file of the same name, or a later reading of itself, replaced: its
-- rows no longer count.
with
    committed as ({{ committed_loads("files") }}),

    ledger as (
        select ledger.*, ledger._dlt_load_id as load_id
        from {{ source("files", "file_ledger") }} as ledger
        semi join committed on committed.load_id = ledger._dlt_load_id
    ),

    names as (
        select
            earlier.load_id,
            earlier.feed,
            earlier.file_hash,
            earlier.file_name,
            min(later.ingest_seq) as replaced_by_seq,
            arg_min(later.load_id, later.ingest_seq) as replaced_by_load_id,
            arg_min(later.loaded_at, later.ingest_seq) as replaced_at
        from ledger as earlier
        left join
            ledger as later
            on later.feed = earlier.feed
            and later.file_name = earlier.file_name
            and later.ingest_seq > earlier.ingest_seq
            and (later.mode = 'snapshot' or later.file_hash = earlier.file_hash)
        group by all
    )

select
    load_id,
    feed,
    file_hash,
    max(replaced_by_seq) as replaced_by_seq,
    arg_max(replaced_by_load_id, replaced_by_seq) as replaced_by_load_id,
    arg_max(replaced_at, replaced_by_seq) as replaced_at
from names
group by load_id, feed, file_hash
-- The same content under two names counts until both names are replaced.
having count(*) = count(replaced_by_seq)
