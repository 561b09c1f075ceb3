-- One row per contact of the CRM, or that was merged or decided about: which contacts are certainly the same, the given
-- names they may bear and the family name, as keys. Contacts that are one may bear any name of theirs.
with recursive
    contacts as (select * from {{ every("contacts") }} where not is_deleted),

    {{
        components(
            "certain",
            "select a, b from "
            ~ ref("int_identity_edges")
            ~ " where confidence = 1 and decision <> 'rejected' and starts_with(a, 'contact|') and starts_with(b, 'contact|')",
        )
    }},

    -- A form may stand for several names, as Саша for Александр and Александра.
    meanings as (
        select name_key, list(given_name) as names from {{ source("decided", "given_names") }} group by name_key
    ),

    named as (
        select
            coalesce(contacts.contact_id, certain.identifier[9:]) as contact_id,
            coalesce(certain.component::varchar, contacts.contact_id) as certain_id,
            coalesce(meanings.names, if(contacts.given_name_key is null, [], [contacts.given_name_key])) as given_names,
            contacts.family_name_key
        from contacts
        full join certain on certain.identifier = 'contact|' || contacts.contact_id
        left join meanings on meanings.name_key = contacts.given_name_key
    ),

    merged as (
        select
            certain_id,
            min(contact_id) as same_contact_id,
            list_sort(list_distinct(flatten(list(given_names)))) as given_names,
            if(min(family_name_key) = max(family_name_key), min(family_name_key), null) as family_name
        from named
        group by certain_id
    )

select named.contact_id, merged.same_contact_id, merged.given_names, merged.family_name
from named
inner join merged using (certain_id)
