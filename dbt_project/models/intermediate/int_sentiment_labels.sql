{{ config(materialized="view") }}

-- One row per text that people labelled: what most of them say; of equally many the newest.
with
    -- Whoever labels a text twice has changed their mind.
    newest as (
        select *
        from {{ source("scoring", "label_feedback") }}
        qualify row_number() over (partition by content_hash, labeller order by labelled_at desc, label) = 1
    ),

    counted as (
        select content_hash, label, count(*) as labeller_count, max(labelled_at) as labelled_at from newest group by all
    )

select content_hash, label, labelled_at
from counted
qualify row_number() over (partition by content_hash order by labeller_count desc, labelled_at desc, label) = 1
