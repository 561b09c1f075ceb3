-- One row per thing that may be done today: what is at stake, how much of it time has taken, how bad it is.
-- Whoever waits for an answer gets no suggestion; of several suggestions for one person the one that counts most.
with
    run as (select as_of from {{ source("ops", "current_run") }}),

    actions as (select * from {{ ref("worklist_actions") }}),

    reasons as (select * from {{ ref("worklist_reasons") }}),

    people as (select * from {{ ref("int_people_at_stake") }}),

    average as (select min(value_at_stake_minor) as least_minor from people),

    found as (
        select 'answer' as action, null::varchar as first_reason, answers.*
        from {{ ref("int_worklist_answers") }} as answers
        union all by name
        select * exclude (reason), reason as first_reason
        from {{ ref("int_worklist_suggestions") }}
    ),

    described as (
        select
            found.*,
            md5(
                concat_ws(
                    '|',
                    found.action,
                    found.brand_id,
                    coalesce(found.response_id, found.person_id),
                    epoch_us(found.since)
                )
            ) as item_id,
            actions.is_proactive,
            actions.effort_minutes,
            case
                when least(actions.half_life_hours, actions.max_age_hours, actions.effort_minutes) > 0
                then actions.half_life_hours
                else
                    {{
                        stop_build(
                            "work list: reference.worklist_actions: an action is missing or a number is not above 0;"
                            " next: correct <ROR_HOME>/seeds/worklist_actions.csv"
                        )
                    }}
            end as half_life_hours,
            actions.max_age_hours,
            {{ in_seconds("epoch_us(run.as_of) - epoch_us(found.since)") }} / 3600 as age_hours,
            -- Whoever is not known is worth what the least known person is.
            coalesce(people.value_at_stake_minor, average.least_minor, 0) as value_at_stake_minor,
            list_filter(
                [
                    if(found.action = 'answer', 'open_turn', found.first_reason),
                    if(found.is_overdue, 'overdue', null),
                    if(found.rating <= 2, 'low_rating', null),
                    if(found.message_count > 1, 'asked_again', null),
                    if(found.has_bot_answered, 'only_bot', null),
                    if(found.action = 'answer' and found.is_public, 'public', null),
                    if(found.action <> 'follow_up' and people.open_deal_id is not null, 'open_deal', null),
                    if(found.action <> 'check_in' and people.is_customer, 'customer', null)
                ],
                lambda reason:reason is not null
            ) as reasons
        from found
        cross join run
        cross join average
        left join actions using (action)
        left join people using (person_id)
    ),

    judged as (
        select
            given.item_id,
            case
                when count(*) = count(reasons.points)
                then sum(reasons.points) / 100
                else
                    {{
                        stop_build(
                            "work list: reference.worklist_reasons: a reason is missing; next: complete"
                            " <ROR_HOME>/seeds/worklist_reasons.csv"
                        )
                    }}
            end as severity
        from (select item_id, unnest(reasons) as reason from described) as given
        left join reasons using (reason)
        group by given.item_id
    )

select
    described.* exclude (first_reason, half_life_hours, max_age_hours),
    judged.severity,
    power(0.5, described.age_hours / described.half_life_hours) as decay,
    greatest(described.value_at_stake_minor, 1)
    * power(0.5, described.age_hours / described.half_life_hours)
    * judged.severity as priority
from described
inner join judged using (item_id)
where described.age_hours <= described.max_age_hours
qualify
    not described.is_proactive
    or row_number() over (
        partition by described.brand_id, described.person_id
        order by described.is_proactive, priority desc, described.item_id
    )
    = 1
