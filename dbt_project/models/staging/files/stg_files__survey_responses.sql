-- One row per answer to a question of a survey: the newest version of each.
with picked as ({{ staged("survey_responses") }})

select
    _source as source,
    _native_id as native_id,
    response_id,
    survey_id,
    question_id,
    question_kind,
    question,
    wave_id,
    email_key,
    email_masked,
    contact_id,
    profile_id_key as profile_key,
    order_id,
    sent_at,
    completed_at,
    score,
    scale_min,
    scale_max,
    if(is_deleted, null, text) as text,
    channel,
    _observed_at as observed_at,
    is_deleted,
    deleted_at,
    load_id
from picked
