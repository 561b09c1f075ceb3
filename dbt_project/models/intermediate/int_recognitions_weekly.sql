-- One row per person and week with personal replies to the person: how many, and the sum of how each recognises them.
-- Of a
-- reply that is the mean of what can be told: that a human wrote it, whether it calls by name and notices the bio. A
-- name
-- or a bio that nobody knows is no reproach.
select
    person_id,
    {{ week_of("sent_date") }} as week_index,
    count(*) as recognition_reply_count,
    sum(
        {{
            billionths(
                "(1 + coalesce(cast(is_named as integer), 0) + coalesce(cast(is_bio_noticed as integer), 0))"
                " / (1 + cast(is_named is not null as integer) + cast(is_bio_noticed is not null as integer))"
            )
        }}
    ) as recognition_billionths
from {{ ref("reply_recognitions") }}
group by all
