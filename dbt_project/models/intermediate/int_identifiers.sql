{{ config(materialized="view") }}

-- One row per identifier of a person that any record names, and when it was first seen by the time of the event.
with
    messages as (select * from {{ every("messages") }} where not is_deleted),

    posts as (select * from {{ every("posts") }} where not is_deleted),

    reactions as (select * from {{ every("reactions") }} where not is_deleted),

    orders as (select * from {{ every("orders") }} where not is_deleted),

    subscription_events as (select * from {{ every("subscription_events") }} where not is_deleted),

    clicks as (select * from {{ every("clicks") }} where not is_deleted),

    contacts as (select * from {{ every("contacts") }} where not is_deleted),

    deal_contacts as (select * from {{ every("deal_contacts") }} where not is_deleted),

    -- A decision about an identifier that no record names makes no person.
    edges as (select * from {{ ref("int_identity_edges") }} where rule <> 'manual'),

    seen as (
        select 'profile|' || author_profile_key as identifier, min(sent_at) as seen_at
        from messages
        group by author_profile_key
        union all
        select 'profile|' || to_profile_key, min(sent_at)
        from messages
        group by to_profile_key
        union all
        select 'profile|' || author_profile_key, min(published_at)
        from posts
        group by author_profile_key
        union all
        select 'profile|' || profile_key, min(reacted_at)
        from reactions
        group by profile_key
        union all
        select 'contact|' || contact_id, min(ordered_at)
        from orders
        group by contact_id
        union all
        select 'email|' || email_key, min(ordered_at)
        from orders
        group by email_key
        union all
        select 'contact|' || contact_id, min(changed_at)
        from subscription_events
        group by contact_id
        union all
        select 'email|' || email_key, min(changed_at)
        from subscription_events
        group by email_key
        union all
        select 'contact|' || contact_id, min(clicked_at)
        from clicks
        group by contact_id
        union all
        select 'email|' || email_key, min(clicked_at)
        from clicks
        group by email_key
        union all
        select 'profile|' || profile_key, min(clicked_at)
        from clicks
        group by profile_key
        union all
        select 'contact|' || contact_id, created_at
        from contacts
        union all
        select 'contact|' || contact_id, null
        from deal_contacts
        union all
        select 'profile|' || profile_key, null
        from {{ every("profiles") }}
        where not is_deleted
        union all
        select unnest([a, b]), null
        from edges
    )

select
    identifier,
    split_part(identifier, '|', 1) as identifier_kind,
    identifier[strpos(identifier, '|') + 1:] as identifier_key,
    min(seen_at) as first_seen_at
from seen
where identifier is not null and not ends_with(identifier, '|')
group by identifier
