-- One row per pair of identifiers that one record or one merge says belong to the same person, and by which rule.
-- Names and handles alone never say so. A profile key stands for network and account together.
with
    profiles as (select * from {{ every("profiles") }} where not is_deleted),

    contacts as (select * from {{ every("contacts") }} where not is_deleted),

    orders as (select * from {{ every("orders") }} where not is_deleted),

    clicks as (select * from {{ every("clicks") }} where not is_deleted),

    merges as (select * from {{ every("contact_merges") }} where not is_deleted),

    -- Of a chain of merges each contact is also joined to the last one, which keeps clusters short.
    merged as (select * from {{ ref("int_contacts_merged") }}),

    pairs as (
        select 'same_record' as rule, 'profile|' || profile_key as a, 'profile|' || handle_key as b
        from profiles
        union
        select 'profile_email', 'profile|' || profile_key, 'email|' || email_key
        from profiles
        union
        select 'crm_email', 'contact|' || contact_id, 'email|' || unnest(string_split(email_keys, ' '))
        from contacts
        union
        select 'crm_profile', 'contact|' || contact_id, 'profile|' || unnest(string_split(social_profile_keys, ' '))
        from contacts
        union
        select 'order', 'contact|' || contact_id, 'email|' || email_key
        from orders
        union
        select 'click', 'contact|' || contact_id, 'email|' || email_key
        from clicks
        union
        select 'click', 'contact|' || contact_id, 'profile|' || profile_key
        from clicks
        union
        select 'click', 'email|' || email_key, 'profile|' || profile_key
        from clicks
        union
        select 'merge', 'contact|' || loser_id, 'contact|' || winner_id
        from merges
        union
        select 'merge', 'contact|' || contact_id, 'contact|' || surviving_contact_id
        from merged
    )

select rule, a, b
from pairs
where a <> b and not ends_with(a, '|') and not ends_with(b, '|')
