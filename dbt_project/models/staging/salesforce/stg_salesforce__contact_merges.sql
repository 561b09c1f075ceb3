-- One row per person that goes on as another record in Salesforce: a contact or lead that was merged into another one,
-- or a lead that became a contact. Dated by the first version that says so.
with
    committed as ({{ committed_loads("salesforce") }}),

    told as (
        select id as loser_id, master_record_id as winner_id, updated_at, _observed_at, _dlt_load_id
        from {{ source("salesforce", "contacts") }}
        union all
        select id, coalesce(master_record_id, converted_contact_id), updated_at, _observed_at, _dlt_load_id
        from {{ source("salesforce", "leads") }}
    )

select
    'salesforce' as source,
    'salesforce|' || loser_id as native_id,
    loser_id,
    arg_min(winner_id, updated_at) as winner_id,
    min(updated_at) as merged_at,
    min(_observed_at) as observed_at,
    false as is_deleted,
    null::timestamptz as deleted_at,
    arg_min(_dlt_load_id, updated_at) as load_id
from told
semi join committed on committed.load_id = told._dlt_load_id
where winner_id <> ''
group by loser_id
