with
    edges as (select * from {{ ref("int_identity_edges") }}),

    person_keys as (
        select identifier_kind || '|' || identifier_key as identifier, person_id from {{ ref("int_person_keys") }}
    ),

    conflicts as (select * from {{ ref("int_identity_conflicts") }}),

    linked as (
        select
            edges.*,
            lefts.person_id as left_person_id,
            rights.person_id as right_person_id,
            lefts.person_id is distinct from rights.person_id as is_apart,
            coalesce(left_conflicts.reason, right_conflicts.reason, 'contacts_differ') as reason
        from edges
        left join person_keys as lefts on lefts.identifier = edges.a
        left join person_keys as rights on rights.identifier = edges.b
        left join conflicts as left_conflicts on left_conflicts.identifier = edges.a
        left join conflicts as right_conflicts on right_conflicts.identifier = edges.b
    )

select
    rule,
    split_part(a, '|', 1) as left_kind,
    a[strpos(a, '|') + 1:] as left_key,
    split_part(b, '|', 1) as right_kind,
    b[strpos(b, '|') + 1:] as right_key,
    confidence,
    entity,
    record_id,
    record_count,
    since_at,
    if(decision = 'auto' and is_apart, 'quarantined', decision) as decision,
    if(decision = 'auto' and is_apart, reason, null) as reason,
    if(decision <> 'rejected' and not is_apart, left_person_id, null) as person_id
from linked
