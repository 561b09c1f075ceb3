-- One row per identifier that joins nobody: a mailbox or profile of more than five contacts, or of contacts with
-- different given names, or a bot's profile.
with
    edges as (select * from {{ ref("int_identity_edges") }} where decision <> 'rejected'),

    contacts as (select * from {{ ref("int_contact_names") }}),

    profiles as (select * from {{ every("profiles") }} where not is_deleted),

    -- Contacts that are certainly the same count once.
    claims as (
        select
            edges.b as identifier,
            edges.rule,
            coalesce(contacts.same_contact_id, edges.a[9:]) as same_contact_id,
            coalesce(contacts.given_names, []) as given_names
        from edges
        left join contacts on contacts.contact_id = edges.a[9:]
        where edges.rule not in ('merge', 'manual') and starts_with(edges.a, 'contact|')
    ),

    degrees as (select identifier, count(distinct same_contact_id) as contact_count from claims group by identifier),

    crm_claims as (select * from claims where starts_with(rule, 'crm_')),

    conflicts as (
        select identifier, 'shared_by_contacts' as reason, contact_count
        from degrees
        where contact_count > 5
        union all
        select identifier, 'contacts_differ', contact_count
        from degrees
        semi join {{ contradicting("crm_claims", "identifier") }} as contradicting using (identifier)
        union all
        select 'profile|' || profile_key, 'bot', null
        from profiles
        where is_bot_hint
    )

select identifier, max(reason) as reason, max(contact_count) as contact_count
from conflicts
group by identifier
