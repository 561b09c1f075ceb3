{{ config(materialized="view") }}

-- One row per order, deal or subscription with a known buyer: the person and the company.
with
    orders as (select * from {{ every("orders") }}),

    deals as (select * from {{ every("deals") }}),

    deal_contacts as (select * from {{ every("deal_contacts") }}),

    contacts as (select * from {{ every("contacts") }}),

    person_keys as (select * from {{ ref("int_person_keys") }}),

    order_people as (
        select
            orders.source,
            orders.native_id,
            coalesce(by_contact.person_id, by_email.person_id) as person_id,
            contacts.company_id
        from orders
        left join
            person_keys as by_contact
            on by_contact.identifier_kind = 'contact'
            and by_contact.identifier_key = orders.contact_id
        left join
            person_keys as by_email on by_email.identifier_kind = 'email' and by_email.identifier_key = orders.email_key
        left join contacts on contacts.source = orders.source and contacts.contact_id = orders.contact_id
    ),

    -- The contact with the largest weight buys for the firm; equal weights: the first by id.
    deal_people as (
        select
            deal_contacts.source,
            deal_contacts.deal_id,
            person_keys.person_id,
            row_number() over (
                partition by deal_contacts.source, deal_contacts.deal_id
                order by deal_contacts.weight desc nulls last, deal_contacts.contact_id
            ) as person_rank
        from deal_contacts
        inner join
            person_keys
            on person_keys.identifier_kind = 'contact'
            and person_keys.identifier_key = deal_contacts.contact_id
        where not deal_contacts.is_deleted
    )

select source, 'orders' as entity, native_id, person_id, company_id
from order_people
where person_id is not null or company_id is not null
union all
select deals.source, 'deals' as entity, deals.native_id, deal_people.person_id, deals.company_id
from deals
left join
    deal_people
    on deal_people.source = deals.source
    and deal_people.deal_id = deals.deal_id
    and deal_people.person_rank = 1
where deal_people.person_id is not null or deals.company_id is not null
union all
select source, 'subscriptions' as entity, subscription_id as native_id, person_id, company_id
from {{ ref("int_subscription_buyers") }}
where person_id is not null or company_id is not null
