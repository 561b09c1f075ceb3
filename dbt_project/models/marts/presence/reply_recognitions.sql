{#- A stem that so many posts of the brand use is its own talk, no attention to somebody. -#}
{% set own_talk_from_posts = 3 %}

with
    replies as (
        select *
        from {{ ref("int_messages_enriched") }}
        where direction = 'outbound' and not is_deleted and not is_automated and target_person_id is not null
    ),

    recognitions as (select * from {{ source("solved", "recognitions") }}),

    own_talk as (
        select brand_id, stem from {{ source("solved", "brand_words") }} where post_count >= {{ own_talk_from_posts }}
    ),

    stems as (
        select replies.message_id, replies.brand_id, unnest(recognitions.bio_stems) as stem
        from recognitions
        inner join replies using (message_id)
    ),

    noticed as (select distinct message_id from stems anti join own_talk using (brand_id, stem)),

    dated as (
        select replies.*, {{ local_date("replies.sent_at", "brands.time_zone") }} as sent_date
        from replies
        inner join {{ ref("int_brands") }} as brands using (brand_id)
    )

select
    dated.message_id,
    dated.brand_id,
    dated.network,
    dated.agent_id,
    dated.target_person_id as person_id,
    dated.sent_at,
    dated.sent_date,
    recognitions.is_name_knowable,
    if(recognitions.is_name_knowable, recognitions.name_form is not null, null) as is_named,
    recognitions.name_form,
    recognitions.is_bio_knowable,
    if(recognitions.is_bio_knowable, noticed.message_id is not null, null) as is_bio_noticed
from dated
inner join recognitions using (message_id)
left join noticed using (message_id)
