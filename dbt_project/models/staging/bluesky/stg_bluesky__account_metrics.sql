{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per number of followers of an account of the brand on Bluesky and night.
with picked as ({{ newest_rows("bluesky", "metrics") }})

select
    'bluesky' as source,
    _native_id as native_id,
    object_id as account_id,
    'bluesky' as network,
    'followers' as metric,
    'stock' as basis,
    left(slot, 10)::date as metric_date,
    value,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
where object_kind = 'accounts' and metric = 'followers' and period = 'lifetime'
