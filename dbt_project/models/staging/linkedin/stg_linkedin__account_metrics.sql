{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per number of followers of an organisation on LinkedIn and night, and per day's gain; LinkedIn tells gains
-- that
-- advertisements brought apart, and no losses.
with picked as ({{ newest_rows("linkedin", "metrics") }})

select
    'linkedin' as source,
    _native_id as native_id,
    object_id as account_id,
    'linkedin' as network,
    case
        when metric = 'followers'
        then 'followers'
        when metric = 'organicFollowerGain'
        then 'followers_gained_organic'
        else 'followers_gained_paid'
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
        (period = 'lifetime' and metric = 'followers')
        or (period <> 'lifetime' and metric in ('organicFollowerGain', 'paidFollowerGain'))
    )
