{{ config(materialized="view") }}

-- One row per person with a record in a CRM: when the first of the person's records was created.
with
    contacts as (select * from {{ every("contacts") }} where not is_deleted and created_at is not null),

    person_keys as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'contact')

select person_keys.person_id, min(contacts.created_at) as created_at
from contacts
inner join person_keys on person_keys.identifier_key = contacts.contact_id
group by person_keys.person_id
