with
    person_keys as (select * from {{ ref("int_person_keys") }}),

    contacts as (select * from {{ every("contacts") }} where not is_deleted),

    orders as (select * from {{ every("orders") }} where not is_deleted),

    subscription_events as (select * from {{ every("subscription_events") }} where not is_deleted),

    profiles as (select * from {{ every("profiles") }} where not is_deleted),

    masks as (
        select unnest(string_split(email_keys, ' ')) as email_key, unnest(string_split(emails_masked, ' ')) as masked
        from contacts
        union all
        select email_key, email_masked
        from orders
        union all
        select email_key, email_masked
        from subscription_events
        union all
        select email_key, email_masked
        from profiles
    ),

    conflicts as (select * from {{ ref("int_identity_conflicts") }}),

    -- The kind is a column here: an outer join on equality alone hashes, one on a constant compares all pairs.
    email_masks as (
        select 'email' as identifier_kind, email_key as identifier_key, min(masked) as masked
        from masks
        group by email_key
    )

select
    person_keys.person_id,
    person_keys.identifier_kind,
    person_keys.identifier_key,
    email_masks.masked as identifier_masked,
    person_keys.first_seen_at,
    conflicts.reason as conflict_reason
from person_keys
left join email_masks using (identifier_kind, identifier_key)
left join conflicts on conflicts.identifier = person_keys.identifier_kind || '|' || person_keys.identifier_key
