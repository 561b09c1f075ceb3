with
    weekly as (select * from {{ ref("int_people_weekly") }}),

    window_weeks as (select * from {{ ref("int_roi_window") }}),

    people as (select * from {{ ref("people") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    lives as (
        select
            person_id,
            min(week_index) as first_act_week,
            min(week_index) filter (personal_reply_count > 0) as first_reply_week,
            min(week_index) filter (prompt_reply_count > 0) as first_prompt_reply_week,
            min(week_index) filter (purchase_count > 0) as first_purchase_week
        from weekly
        group by person_id
    ),

    -- The date of a source's record may precede the first act.
    known as (
        select
            people.person_id,
            people.kind,
            people.contact_count + people.email_count > 0 as is_observable,
            least(
                lives.first_act_week, {{ week_of(local_date("people.first_seen_at", "base.time_zone")) }}
            ) as known_week,
            lives.first_purchase_week,
            {'first_reply':lives.first_reply_week, 'first_prompt_reply':lives.first_prompt_reply_week} as onsets
        from people
        cross join base
        left join lives using (person_id)
    ),

    exposed as (
        {% for exposure in ["first_reply", "first_prompt_reply"] -%}
            select '{{ exposure }}' as exposure_id, known.*, onsets.{{ exposure }} as onset_week
            from known {{ "union all" if not loop.last }}
        {% endfor -%}
    ),

    -- Somebody who enters late brings nothing before, and may have been met because of the exposure.
    judged as (
        select
            exposed.*,
            window_weeks.first_week_index,
            if(exposed.onset_week <= window_weeks.last_week_index, exposed.onset_week, null) as seen_onset_week,
            case
                when exposed.kind <> 'person'
                then exposed.kind
                when not exposed.is_observable
                then 'not_observable'
                when coalesce(exposed.known_week, window_weeks.last_week_index) > window_weeks.first_week_index - 4
                then 'entered_late'
                when exposed.onset_week < window_weeks.first_week_index
                then 'exposed_before'
            end as exclusion_reason
        from exposed
        cross join window_weeks
    )

select
    exposure_id,
    person_id,
    {{ week_start("seen_onset_week") }} as onset_week_start_date,
    cast(seen_onset_week - first_week_index as integer) as onset_week_index,
    exclusion_reason is null as is_eligible,
    exclusion_reason,
    if(first_purchase_week < first_week_index, 'customer', 'prospect') as segment
from judged
