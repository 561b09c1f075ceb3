with
    items as (select * from {{ ref("int_worklist_ranked") }}),

    assignments as (
        select assignments.*
        from {{ ref("holdout_assignments") }} as assignments
        semi join {{ ref("int_holdout_experiment") }} as running on running.experiment_id = assignments.experiment_id
        where not assignments.is_excluded
    ),

    people as (select * from {{ ref("int_people_at_stake") }}),

    posts as (select post_id, url from {{ every("posts") }} where account_id is not null and not is_deleted),

    brands as (select * from {{ ref("int_brands") }}),

    reasons as (select * from {{ ref("worklist_reasons") }}),

    armed as (
        select
            items.*,
            brands.time_zone,
            case
                when not items.is_proactive
                then 'must_answer'
                when assignments.arm is not null
                then assignments.arm
                when items.is_reached
                then 'treat'
            end as arm
        from items
        inner join brands using (brand_id)
        -- What waits for an answer is in no experiment, whatever its person is in.
        left join assignments on assignments.person_id = if(items.is_proactive, items.person_id, null)
    ),

    given as (select item_id, unnest(reasons) as reason, since, due_at, time_zone, rating, message_count from armed),

    worded as (
        select
            given.item_id
            {% for language, pattern in [
                ("en", "%Y-%m-%d %H:%M"),
                ("it", "%d/%m/%Y %H:%M"),
                ("ru", "%d.%m.%Y %H:%M"),
            ] -%}
                ,
                string_agg(
                    replace(
                        replace(
                            replace(
                                replace(
                                    reasons.text_{{ language }},
                                    '{since}',
                                    strftime(timezone(given.time_zone, given.since), '{{ pattern }}')
                                ),
                                '{due}',
                                coalesce(strftime(timezone(given.time_zone, given.due_at), '{{ pattern }}'), '')
                            ),
                            '{rating}',
                            coalesce(printf('%g', given.rating), '')
                        ),
                        '{count}',
                        coalesce(given.message_count::varchar, '')
                    ),
                    ' '
                    order by reasons.position, reasons.reason
                ) as reasons_{{ language }}
            {%- endfor %}
        from given
        inner join reasons using (reason)
        group by given.item_id
    )

select
    armed.item_id,
    armed.brand_id,
    armed.list_date,
    armed.action,
    armed.arm,
    armed.is_reached and armed.arm <> 'holdout' as is_today,
    if(
        coalesce(armed.arm, '') = 'holdout',
        null,
        row_number() over (partition by armed.brand_id, coalesce(armed.arm, '') = 'holdout' order by armed.place)
    ) as rank_number,
    armed.person_id,
    people.masked_name,
    people.language,
    armed.network,
    armed.account_id,
    armed.conversation_id,
    armed.response_id,
    armed.post_id,
    posts.url as post_url,
    armed.since,
    armed.due_at,
    armed.value_at_stake_minor,
    people.currency,
    armed.decay,
    armed.severity::double as severity,
    armed.priority,
    armed.effort_minutes,
    armed.capacity_minutes,
    worded.reasons_en,
    worded.reasons_it,
    worded.reasons_ru,
    people.last_purchase_at,
    people.open_deal_id,
    people.open_deal_stage,
    people.open_deal_minor
from armed
inner join worded using (item_id)
left join people using (person_id)
left join posts using (post_id)
