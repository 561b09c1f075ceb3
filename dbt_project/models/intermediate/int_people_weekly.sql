{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_people', touched_people(ref('int_relationship_evidence'))) }}",
            "{{ delete_noted('person_id in (from touched_people)') }}",
        ],
    )
}}

-- One row per person and week in which something happened or replies still count as recent; all else is zero.
-- Points halve with age and are those at the end of the week, in billionths; see `ror_score_components_weekly`.
with
    -- Numbers: summing by texts of this many rows takes twice the time and memory.
    people as (select *, row_number() over () as number from {{ ref("int_relationship_evidence") }}),

    acts as (
        select people.number, acts.* exclude (person_id, brand_id, source_id, conversation_id, occurred_at, act_hash)
        from {{ ref("int_relationship_acts") }} as acts
        inner join people using (person_id)
        {% if is_incremental() -%} where person_id in (select person_id from touched_people) {%- endif %}
    ),

    sentiments as (
        select people.number, sentiments.sent_date, sentiments.score
        from {{ ref("int_people_sentiments") }} as sentiments
        inner join people using (person_id)
        {% if is_incremental() -%} where person_id in (select person_id from touched_people) {%- endif %}
    ),

    advocacy as (
        select people.number, advocacy.occurred_date, advocacy.weight
        from {{ ref("advocacy_acts") }} as advocacy
        inner join people using (person_id)
        where
            advocacy.occurred_date is not null
            {% if is_incremental() -%} and person_id in (select person_id from touched_people) {%- endif %}
    ),

    turns as ({{ weeks_of_turns() }}),

    exchanges as ({{ weeks_of_exchanges() }}),

    mature_turns as ({{ weeks_of_mature_turns() }}),

    replies as ({{ weeks_of_replies() }}),

    doses as ({{ weeks_of_doses() }}),

    advocacy_weeks as ({{ weeks_of_advocacy() }}),

    sentiment_weeks as ({{ weeks_of_sentiments() }}),

    other_acts as ({{ weeks_of_other_acts() }}),

    weeks as (
        {% for kind in [
            "turns",
            "exchanges",
            "mature_turns",
            "doses",
            "advocacy_weeks",
            "sentiment_weeks",
            "other_acts",
        ] -%}
            select number, week_index from {{ kind }} {{ "union" if not loop.last }}
        {% endfor -%}
    )

select
    people.person_id,
    weeks.week_index,
    people.evidence_hash,
    {% for name in [
        "turn_count",
        "personal_reply_count",
        "proactive_count",
        "prompt_reply_count",
        "exchange_count",
        "reaction_count",
        "share_count",
        "advocacy_count",
        "survey_answer_count",
        "mature_turn_count",
        "purchase_count",
        "dose",
        "prompt_dose",
        "order_count",
        "revenue_minor",
        "margin_minor",
        "contact_billionths",
        "depth_billionths",
        "advocacy_billionths",
        "response_billionths",
        "sentiment_billionths",
        "sentiment_weight_billionths",
        "sentiment_square_billionths",
    ] -%}
        cast(coalesce({{ name }}, 0) as bigint) as {{ name }},
    {% endfor -%}
    other_acts.last_purchase_date,
    other_acts.last_answer_share
from weeks
inner join people using (number)
left join turns using (number, week_index)
left join exchanges using (number, week_index)
left join mature_turns using (number, week_index)
left join replies using (number, week_index)
left join doses using (number, week_index)
left join advocacy_weeks using (number, week_index)
left join sentiment_weeks using (number, week_index)
left join other_acts using (number, week_index)
