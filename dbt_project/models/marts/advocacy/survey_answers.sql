with
    responses as (
        select *
        from {{ every("survey_responses") }}
        where not is_deleted and score is not null and question_kind is not null
    ),

    contacts as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'contact'),

    emails as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'email'),

    profiles as (select * from {{ ref("int_person_keys") }} where identifier_kind = 'profile'),

    base as (select * from {{ ref("int_base_currency") }}),

    named as (
        select
            md5(concat_ws('|', responses.source, responses.native_id)) as answer_id,
            base.brand_id,
            responses.survey_id,
            coalesce(responses.wave_id, strftime(timezone(base.time_zone, responses.completed_at), '%Y-%m')) as wave_id,
            responses.question_kind,
            coalesce(contacts.person_id, emails.person_id, profiles.person_id) as person_id,
            responses.order_id,
            responses.channel,
            responses.sent_at,
            responses.completed_at,
            {{ local_date("responses.completed_at", "base.time_zone") }} as completed_date,
            responses.score,
            -- An NPS is asked from 0 to 10; other scales are only known where the source tells them.
            coalesce(responses.scale_min, if(responses.question_kind = 'nps', 0, null)) as scale_min,
            coalesce(responses.scale_max, if(responses.question_kind = 'nps', 10, null)) as scale_max
        from responses
        cross join base
        left join contacts on contacts.identifier_key = responses.contact_id
        left join emails on emails.identifier_key = responses.email_key
        left join profiles on profiles.identifier_key = responses.profile_key
    )

select
    *,
    (score - scale_min) / nullif(scale_max - scale_min, 0) as score_share,
    case
        when question_kind <> 'nps' or scale_min <> 0 or scale_max <> 10
        then null
        when score >= 9
        then 'promoter'
        when score >= 7
        then 'passive'
        else 'detractor'
    end as nps_group,
    -- The last answer of a person in a wave counts; who is not known answers once.
    row_number() over (
        partition by survey_id, wave_id, question_kind, coalesce(person_id, answer_id)
        order by completed_at desc, answer_id
    )
    = 1
    and coalesce(score between scale_min and scale_max, true) as is_counted
from named
