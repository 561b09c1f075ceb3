{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per number of followers of a page on Facebook and night, and per day's gain and loss; both count people once.
with picked as ({{ newest_rows("facebook", "metrics") }})

select
    'facebook' as source,
    _native_id as native_id,
    object_id as account_id,
    'facebook' as network,
    case
        when metric = 'followers_count'
        then 'followers'
        when metric = 'page_daily_follows_unique'
        then 'followers_gained'
        else 'followers_lost'
    end as metric,
    if(period = 'lifetime', 'stock', 'flow') as basis,
    -- The middle of a day lies on its date, whether the day ends at midnight there or in UTC.
    if(period = 'lifetime', left(slot, 10)::date, {{ utc_date("(period_end_at - interval 12 hours)") }}) as metric_date,
    value,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
where
    object_kind = 'accounts'
    and breakdown is null
    and (
        (period = 'lifetime' and metric = 'followers_count')
        or (period <> 'lifetime' and metric in ('page_daily_follows_unique', 'page_daily_unfollows_unique'))
    )
