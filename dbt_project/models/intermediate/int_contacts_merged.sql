-- One row per contact that was merged away: the contact that stands for it today, over any number of merges.
with recursive
    merges as (
        select loser_id as contact_id, winner_id
        from {{ ref("stg_files__contact_merges") }}
        where not is_deleted and loser_id <> winner_id
    ),

    -- Merges that run in a circle end after as many steps as there are merges; they resolve to their least contact.
    steps(contact_id, winner_id, least_id, step_count) using key (contact_id) as (
        select contact_id, winner_id, winner_id, 1
        from merges
        union
        select steps.contact_id, merges.winner_id, least(steps.least_id, merges.winner_id), steps.step_count + 1
        from steps
        inner join merges on merges.contact_id = steps.winner_id
        where steps.step_count <= (select count(*) from merges)
    )

select
    steps.contact_id,
    if(steps.step_count > (select count(*) from merges), steps.least_id, steps.winner_id) as surviving_contact_id
from steps
