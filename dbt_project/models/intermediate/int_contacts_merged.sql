-- One row per contact that was merged away: the contact that stands for it today, over any number of merges.
with recursive
    merges as (
        select loser_id as contact_id, winner_id
        from {{ every("contact_merges") }}
        where not is_deleted and loser_id <> winner_id
    ),

    -- Each step doubles the number of merges followed: twenty steps follow a million, and end merges in a circle.
    steps(contact_id, winner_id, step_count, is_last) as (
        select contact_id, winner_id, 0, false
        from merges
        union all
        select
            steps.contact_id,
            coalesce(further.winner_id, steps.winner_id),
            steps.step_count + 1,
            further.winner_id is null
        from steps
        left join steps as further on further.contact_id = steps.winner_id
        where steps.step_count < 20 and exists (select 1 from steps as others where not others.is_last)
    )

select contact_id, winner_id as surviving_contact_id
from steps
where step_count = (select max(step_count) from steps)
