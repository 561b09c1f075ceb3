{{ config(materialized="view") }}

-- One row per identifier: its person, and whether that person speaks for the brand or is a bot. The only lookup from
-- a contact, e-mail or profile key to a person.
select * exclude (load_id)
from {{ ref("int_identifiers_resolved") }}
where person_id is not null
