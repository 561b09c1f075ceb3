{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per observation of a metric of an account: an observation is never replaced by a later one.
with
    picked as (
        {{
            staged(
                "account_metrics",
                key="_native_id || coalesce(raw_rows.observed_at, raw_rows._version_at, raw_rows._observed_at)::varchar",
            )
        }}
    )

select
    _source as source,
    _native_id as native_id,
    account_id,
    network,
    metric,
    basis,
    metric_date,
    value,
    coalesce(observed_at, _version_at, _observed_at) as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
