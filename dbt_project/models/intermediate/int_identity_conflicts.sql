-- One row per identifier that joins nobody: a mailbox or profile of more than five contacts, or a bot's profile.
with
    edges as (select * from {{ ref("int_identity_edges") }}),

    merged as (select * from {{ ref("int_contacts_merged") }}),

    profiles as (select * from {{ every("profiles") }} where not is_deleted),

    -- Contacts that were merged into one count once.
    degrees as (
        select
            edges.b as identifier, count(distinct coalesce(merged.surviving_contact_id, edges.a[9:])) as contact_count
        from edges
        left join merged on merged.contact_id = edges.a[9:]
        where edges.rule <> 'merge' and starts_with(edges.a, 'contact|')
        group by edges.b
    )

select identifier, 'shared_by_contacts' as reason, contact_count
from degrees
where contact_count > 5
union all
select distinct 'profile|' || profile_key, 'bot', null
from profiles
where is_bot_hint
