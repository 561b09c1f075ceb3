-- One row per cohort basis and person: the cohort, and what the relationship was just before the first act in it. What
-- came later does not count: who stays long has more time to be answered, whatever made them stay.
with
    members as (select * from {{ ref("int_retention_members") }}),

    touches as (select * from {{ ref("touchpoints") }}),

    before as (
        select
            members.cohort_basis,
            members.person_id,
            arg_min(touches.channel_id, {'at':touches.touched_at, 'id':touches.touch_id}) as first_channel_id,
            min(case when touches.touch_type = 'personal_reply' then touches.touched_at end) as replied_at,
            max(
                case when touches.touch_type in ('comment', 'mention', 'dm', 'review') then touches.touched_at end
            ) as wrote_at
        from members
        inner join touches on touches.person_id = members.person_id and touches.touched_at < members.first_at
        group by members.cohort_basis, members.person_id
    )

select
    members.*,
    case
        when before.replied_at is null
        then 'none'
        -- The brand's people wrote, and then the person.
        when before.wrote_at > before.replied_at
        then 'conversation'
        else 'reply'
    end as relationship_tier,
    coalesce(before.first_channel_id, '(none)') as first_channel_id
from members
left join before using (cohort_basis, person_id)
