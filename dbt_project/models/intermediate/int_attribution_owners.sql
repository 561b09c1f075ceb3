-- One row per conversion, scope and person whose touches may earn credit for it, with the weight of
-- the person's role and when the first of the person's records in a CRM was created.
-- Several contacts that are one person add up. Without a known contact the buyer stands for the firm.
with
    conversions as (select * from {{ ref("int_conversions_netted") }}),

    scopes as (select distinct scope from {{ ref("int_attribution_models") }}),

    deal_contacts as (select * from {{ every("deal_contacts") }} where not is_deleted),

    person_keys as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'contact'),

    companies as (select * from {{ ref("int_attribution_person_companies") }}),

    leads as (
        select person_keys.person_id, min(contacts.created_at) as lead_created_at
        from {{ every("contacts") }} as contacts
        inner join person_keys on person_keys.identifier_key = contacts.contact_id
        where not contacts.is_deleted
        group by person_keys.person_id
    ),

    contacts as (
        select
            conversions.conversion_id,
            person_keys.person_id,
            {{ exact_sum("coalesce(deal_contacts.weight, 1)") }} as role_weight
        from conversions
        inner join deal_contacts on deal_contacts.deal_id = conversions.deal_id
        inner join person_keys on person_keys.identifier_key = deal_contacts.contact_id
        group by conversions.conversion_id, person_keys.person_id
    ),

    -- Weights of 0 throughout say nothing: then all contacts count alike.
    weighed_contacts as (
        select
            conversion_id,
            person_id,
            case when sum(role_weight) over (partition by conversion_id) > 0 then role_weight else 1 end as role_weight
        from contacts
    ),

    owners as (
        select 'person' as scope, conversion_id, person_id, 1.0 as role_weight
        from conversions
        where person_id is not null
        union all
        select 'account', conversion_id, person_id, role_weight
        from weighed_contacts
        where role_weight > 0
        union all
        select 'account', conversion_id, person_id, 1.0
        from conversions
        where person_id is not null and conversion_id not in (select conversion_id from contacts)
        union all
        (
            select 'account_pooled', conversions.conversion_id, companies.person_id, 1.0
            from conversions
            inner join companies using (company_id)
            union
            select 'account_pooled', conversion_id, person_id, 1.0
            from conversions
            where person_id is not null
            union
            select 'account_pooled', conversion_id, person_id, 1.0
            from contacts
        )
    )

select
    owners.scope,
    owners.conversion_id,
    owners.person_id,
    cast(owners.role_weight as double) as role_weight,
    leads.lead_created_at
from owners
inner join scopes using (scope)
left join leads using (person_id)
