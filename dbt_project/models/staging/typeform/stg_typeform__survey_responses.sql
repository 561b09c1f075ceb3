-- One row per answer of a response on Typeform. When the person was asked is not told. A question that was removed
-- from its form keeps its last words.
with
    answers as ({{ newest_rows("typeform", "answers") }}),

    responses as ({{ newest_rows("typeform", "responses") }}),

    questions as ({{ newest_rows("typeform", "questions") }})

select
    'typeform' as source,
    'typeform|' || answers._native_id as native_id,
    answers.response_id,
    answers.form_id as survey_id,
    answers.question_id,
    case
        when questions.type = 'nps'
        then 'nps'
        when lower(questions.ref) in ('nps', 'csat', 'ces')
        then lower(questions.ref)
    end as question_kind,
    questions.title as question,
    coalesce(responses.email_key, answers.email_key) as email_key,
    coalesce(responses.email_masked, answers.email_masked) as email_masked,
    responses.contact_id,
    responses.email_hash_key as profile_key,
    json_extract_string(responses.hidden, '$.order_id') as order_id,
    responses.submitted_at as completed_at,
    answers.number as score,
    questions.scale_min,
    questions.scale_max,
    if(answers.is_deleted or responses.is_deleted, null, answers.text) as text,
    answers._observed_at as observed_at,
    answers.is_deleted or responses.is_deleted as is_deleted,
    coalesce(answers.deleted_at, responses.deleted_at) as deleted_at,
    greatest(answers.load_id, responses.load_id) as load_id
from answers
inner join responses using (form_id, response_id)
left join questions on questions.form_id = answers.form_id and questions.id = answers.question_id
