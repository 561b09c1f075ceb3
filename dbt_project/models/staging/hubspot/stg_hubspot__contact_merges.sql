-- One row per merge of two contacts in HubSpot, as the winner tells it; dated by the first version that does.
with
    committed as ({{ committed_loads("hubspot") }}),

    told as (
        select
            unnest(string_split(hs_merged_object_ids, ';')) as loser_id,
            id as winner_id,
            updated_at,
            _observed_at,
            _dlt_load_id
        from {{ source("hubspot", "contacts") }} as contacts
        semi join committed on committed.load_id = contacts._dlt_load_id
        where hs_merged_object_ids <> ''
    )

select
    'hubspot' as source,
    'hubspot|' || loser_id as native_id,
    loser_id,
    arg_min(winner_id, updated_at) as winner_id,
    min(updated_at) as merged_at,
    min(_observed_at) as observed_at,
    false as is_deleted,
    null::timestamptz as deleted_at,
    arg_min(_dlt_load_id, updated_at) as load_id
from told
where loser_id <> ''
group by loser_id
