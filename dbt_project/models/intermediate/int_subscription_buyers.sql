-- One row per subscription: its buyer, who is the one that its latest row with a known person names, and the customer
-- that it counts for: the person, else what the rows call the buyer, else the subscription itself.
with
    events as (select * from {{ every("subscription_events") }} where not is_deleted),

    contacts as (select * from {{ every("contacts") }}),

    person_keys as (select * from {{ ref("int_person_keys") }}),

    named as (
        select
            events.source,
            events.subscription_id,
            {'at':events.changed_at, 'id':events.native_id} as position,
            coalesce(by_contact.person_id, by_email.person_id) as person_id,
            contacts.company_id,
            coalesce('contact|' || events.contact_id, 'email|' || events.email_key) as buyer_key
        from events
        left join
            person_keys as by_contact
            on by_contact.identifier_kind = 'contact'
            and by_contact.identifier_key = events.contact_id
        left join
            person_keys as by_email on by_email.identifier_kind = 'email' and by_email.identifier_key = events.email_key
        left join contacts on contacts.source = events.source and contacts.contact_id = events.contact_id
    ),

    latest as (
        select
            source,
            subscription_id,
            arg_max(person_id, position) as person_id,
            arg_max(company_id, position) as company_id,
            arg_max(buyer_key, position) as buyer_key
        from named
        group by source, subscription_id
    )

select
    source,
    subscription_id,
    person_id,
    company_id,
    coalesce(person_id, buyer_key, 'subscription|' || source || '|' || subscription_id) as customer_key
from latest
