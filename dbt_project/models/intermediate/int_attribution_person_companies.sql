-- One row per person whose CRM record names a firm; several records: the first by id.
with
    contacts as (select * from {{ every("contacts") }}),

    person_keys as (select * from {{ ref("int_person_keys") }}),

    ranked as (
        select
            person_keys.person_id,
            contacts.company_id,
            row_number() over (partition by person_keys.person_id order by contacts.contact_id) as contact_rank
        from contacts
        inner join
            person_keys on person_keys.identifier_kind = 'contact' and person_keys.identifier_key = contacts.contact_id
        where not contacts.is_deleted and contacts.company_id is not null
    )

select person_id, company_id
from ranked
where contact_rank = 1
