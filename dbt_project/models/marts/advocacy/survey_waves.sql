with
    answers as (select * from {{ ref("survey_answers") }} where is_counted),

    spoken as (
        select brand_id, person_id, occurred_at
        from {{ ref("interactions") }}
        where
            act_group = 'message'
            and direction = 'outbound'
            and person_id is not null
            and not is_deleted
            and not coalesce(is_automated, false)
            and person_id in (select person_id from answers where nps_group = 'detractor')
    ),

    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'messages'),

    -- Whoever is unhappy should hear from a human within 48 hours.
    closed as (
        select answers.answer_id, bool_or(spoken.occurred_at is not null) as is_closed
        from answers
        inner join windows using (brand_id)
        left join
            spoken
            on spoken.brand_id = answers.brand_id
            and spoken.person_id = answers.person_id
            and spoken.occurred_at >= answers.completed_at
            and spoken.occurred_at <= answers.completed_at + interval 48 hours
        where
            answers.nps_group = 'detractor'
            and answers.person_id is not null
            and answers.completed_at + interval 48 hours <= windows.observed_until
        group by answers.answer_id
    ),

    -- Of five boxes the best two, of any scale of whole numbers.
    marked as (
        select
            answers.*,
            closed.is_closed,
            case nps_group when 'promoter' then 1 when 'passive' then 0 when 'detractor' then -1 end as nps_step,
            if(question_kind = 'csat', score >= scale_max - 1, null) as is_top_two,
            if(question_kind = 'ces' and scale_min = 1 and scale_max = 7, score >= 5, null) as is_easy
        from answers
        left join closed using (answer_id)
    ),

    counted as (
        select
            brand_id,
            survey_id,
            wave_id,
            question_kind,
            min(completed_date) as first_completed_date,
            count(*) as answer_count,
            count(distinct person_id) as known_people_count,
            count(nps_step) as nps_count,
            count(*) filter (nps_step = 1) as promoter_count,
            count(*) filter (nps_step = -1) as detractor_count,
            count(is_top_two) as csat_count,
            count(*) filter (is_top_two) as top_two_count,
            if(count(distinct scale_max) = 1 and min(scale_min) = max(scale_min), avg(score), null) as mean_score,
            if(count(distinct scale_max) = 1, round(stddev_samp(score) / sqrt(count(*)), 12), null) as mean_score_error,
            count(*) filter (is_easy) / nullif(count(is_easy), 0) as easy_share,
            count(is_closed) as closable_count,
            count(*) filter (is_closed) as closed_count
        from marked
        group by all
    ),

    shares as (
        select
            *,
            (promoter_count - detractor_count) / nullif(nps_count, 0) as nps_share,
            top_two_count / nullif(csat_count, 0) as csat
        from counted
    ),

    errors as (
        select
            *,
            -- The variance of answers that are worth 1, 0 or -1.
            sqrt(((promoter_count + detractor_count) / nps_count - nps_share * nps_share) / nps_count) as nps_error,
            {{ z_95() }} * {{ z_95() }} / nullif(csat_count, 0) as z_share
        from shares
    )

select
    brand_id,
    survey_id,
    wave_id,
    question_kind,
    first_completed_date,
    answer_count,
    known_people_count,
    promoter_count,
    nps_count - promoter_count - detractor_count as passive_count,
    detractor_count,
    100 * nps_share as nps,
    100 * nps_error as nps_standard_error,
    if(nps_share is null, null, 100 * greatest(nps_share - {{ z_95() }} * nps_error, -1)) as nps_low,
    if(nps_share is null, null, 100 * least(nps_share + {{ z_95() }} * nps_error, 1)) as nps_high,
    top_two_count,
    csat,
    -- Wilson's interval, which keeps within 0 and 1.
    (csat + z_share / 2 - sqrt(z_share * (csat * (1 - csat) + z_share / 4))) / (1 + z_share) as csat_low,
    (csat + z_share / 2 + sqrt(z_share * (csat * (1 - csat) + z_share / 4))) / (1 + z_share) as csat_high,
    if(question_kind = 'ces', mean_score, null) as ces,
    if(question_kind = 'ces', mean_score_error, null) as ces_standard_error,
    easy_share as ces_easy_share,
    closable_count as closable_detractor_count,
    closed_count as closed_detractor_count,
    closed_count / nullif(closable_count, 0) as close_the_loop_rate,
    answer_count >= 30 as is_supported
from errors
