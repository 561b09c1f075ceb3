{{ config(materialized="incremental", incremental_strategy="delete+insert", unique_key="native_id") }}

-- One row per click or visit: the newest version of each.
with picked as ({{ staged("clicks") }})

select
    _source as source,
    _native_id as native_id,
    click_id,
    channel,
    campaign,
    click_kind,
    email_key,
    email_masked,
    contact_id,
    profile_id_key as profile_key,
    is_direct,
    post_id as native_post_id,
    clicked_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
