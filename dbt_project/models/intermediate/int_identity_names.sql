{{ config(materialized="view") }}

-- One row per contact, profile or address and log-in name of it: what else a record says about whose it is, names as
-- keys.
select
    'contact' as identifier_kind,
    contact_id as identifier_key,
    given_name_key,
    family_name_key,
    null::varchar as display_name_key,
    unnest(coalesce(string_split(email_keys, ' '), [null])) as login_key,
    language,
    null::varchar as bio
from {{ every("contacts") }}
where not is_deleted
union all
select 'profile', profile_key, null, null, display_name_key, handle_key, language, bio
from {{ every("profiles") }}
where not is_deleted
union all
select distinct 'email', email_key, null, null, null, email_key, null, null
from {{ every("orders") }}
where not is_deleted and email_key is not null
