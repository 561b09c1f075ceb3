with
    proposals as (select * from {{ source("solved", "identity_proposals") }}),

    person_keys as (
        select identifier_kind || '|' || identifier_key as identifier, person_id from {{ ref("int_person_keys") }}
    )

select
    proposals.proposal_id,
    split_part(proposals.left_identifier, '|', 1) as left_kind,
    proposals.left_identifier[strpos(proposals.left_identifier, '|') + 1:] as left_key,
    lefts.person_id as left_person_id,
    split_part(proposals.right_identifier, '|', 1) as right_kind,
    proposals.right_identifier[strpos(proposals.right_identifier, '|') + 1:] as right_key,
    rights.person_id as right_person_id,
    proposals.match_weight,
    proposals.match_probability,
    proposals.explanation
from proposals
inner join person_keys as lefts on lefts.identifier = proposals.left_identifier
inner join person_keys as rights on rights.identifier = proposals.right_identifier
where lefts.person_id <> rights.person_id
