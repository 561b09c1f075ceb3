-- One row per firm in Salesforce. An account that is a person is that person's contact and no firm.
with picked as ({{ newest_rows("salesforce", "accounts") }})

select
    'salesforce' as source,
    'salesforce|' || _native_id as native_id,
    id as company_id,
    name,
    regexp_replace(lower(regexp_extract(website, '^\s*(?:https?://)?([^/?#\s]+)', 1)), '^www\.', '') as domain,
    employee_count::varchar as size_band,
    industry,
    updated_at,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
where is_person is not true
