{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_people', touched_people()) }}",
            "{{ delete_noted('person_id in (from touched_people)') }}",
        ],
    )
}}

-- One row per person and week in which something happened or replies still count as recent; all else is zero.
-- Points halve with age and are those at the end of the week, in billionths; see `ror_score_components_weekly`.
with
    evidence as (select * from {{ ref("int_relationship_evidence") }}),

    acts as (
        select *
        from {{ ref("int_relationship_acts") }}
        {% if is_incremental() -%} where person_id in (select person_id from touched_people) {%- endif %}
    ),

    act_weights as (select * from {{ ref("ror_act_weights") }}),

    turns as (
        select *, row_number() over conversation as turn_number, lag(act_date) over conversation as previous_date
        from acts
        where act = 'turn'
        window conversation as (partition by person_id, conversation_id order by occurred_at, source_id)
    ),

    events as (
        select person_id, act_date as event_date, order_count, revenue_minor, margin_minor, answer_share, act
        from acts
        union all by name
        -- A conversation of k turns is worth ln(1 + k) at its last turn: each turn adds what it makes of that.
        select
            person_id,
            act_date as event_date,
            'depth' as act,
            ln(1 + turn_number) - coalesce(ln(turn_number) * {{ halved("act_date - previous_date", 90) }}, 0) as value
        from turns
        union all by name
        select person_id, answered_date as event_date, 'exchange' as act, 1.0 as value
        from turns
        where answered_date is not null
        union all by name
        select person_id, answered_date as event_date, 'prompt_reply' as act
        from turns
        where response_minutes <= 60
        union all by name
        -- What was not answered by the end of the week counts as not answered.
        select
            person_id,
            mature_date as event_date,
            'mature_turn' as act,
            case
                when answered_date < {{ start_of("week", "mature_date") }} + 7
                then {{ halved("response_minutes", 360) }}
                else 0
            end as value
        from turns
        where needs_reply
        union all by name
        select acts.person_id, acts.act_date as event_date, 'advocacy' as act, act_weights.weight as value
        from acts
        inner join act_weights using (act)
    ),

    -- The dose of a week is the replies of that week and of the three before.
    doses as (
        select
            person_id,
            event_date + 7 * unnest([0, 1, 2, 3]) as event_date,
            if(act = 'prompt_reply', 'prompt_dose', 'dose') as act
        from events
        where act in ('reply', 'proactive_reply', 'prompt_reply')
    ),

    weekly as (
        select
            *,
            {{ week_index(start_of("week", "event_date")) }} as week_index,
            {{ start_of("week", "event_date") }} + 7 - event_date as days_left
        from
            (
                select *
                from events
                union all by name
                select *
                from doses
            )
    )

select
    weekly.person_id,
    weekly.week_index,
    any_value(evidence.evidence_hash) as evidence_hash,
    {{ counted_acts() }},
    {% for name in ["order_count", "revenue_minor", "margin_minor"] -%}
        cast(coalesce(sum(weekly.{{ name }}), 0) as bigint) as {{ name }},
    {% endfor -%}
    {{ halved_points() }},
    cast(
        coalesce(sum({{ billionths("weekly.value") }}) filter (weekly.act = 'mature_turn'), 0) as bigint
    ) as response_billionths,
    max(weekly.event_date) filter (weekly.act = 'purchase') as last_purchase_date,
    arg_max(weekly.answer_share, struct_pack(day := weekly.event_date, share := weekly.answer_share)) filter (
        weekly.act = 'survey_answer'
    ) as last_answer_share
from weekly
inner join evidence using (person_id)
group by weekly.person_id, weekly.week_index
