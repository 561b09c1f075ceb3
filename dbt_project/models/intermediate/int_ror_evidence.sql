-- One row per person with an act: what all that a score rests on hashes to, that is the acts, the scored messages and
-- how
-- replies recognise the person.
with
    evidence as (select * from {{ ref("int_relationship_evidence") }}),

    recognitions as (
        select person_id, sum({{ row_hash("recognitions") }}) as recognitions_hash
        from {{ ref("int_recognitions_weekly") }} as recognitions
        group by person_id
    )

select evidence.* replace (md5(concat_ws('|', evidence.evidence_hash, recognitions.recognitions_hash)) as evidence_hash)
from evidence
left join recognitions using (person_id)
