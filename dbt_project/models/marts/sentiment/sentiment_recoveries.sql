{#- Rounds of pairing: each pairs whoever is nearest to each other of those who are left. -#}
{% set rounds = 6 %}
{% set hours_a_week = 168 %}

with
    openings as (select * from {{ ref("int_sentiment_openings") }}),

    comparable as (
        select
            *,
            -- Equal scores share a tenth.
            floor(10 * percent_rank() over (partition by brand_id, network, lang order by first_score)) as score_tenth,
            {{ whole_quotient("epoch_us(opened_at)", 3600000000) }} % {{ hours_a_week }} as hour_of_week
        from openings
        where is_mature and score_delta is not null
    ),

    candidates as (
        select
            answered.conversation_id,
            unanswered.conversation_id as control_id,
            abs(answered.hour_of_week - unanswered.hour_of_week) as hours_apart,
            least(hours_apart, {{ hours_a_week }} - hours_apart) / {{ hours_a_week / 2 }}
            + abs(ln(1 + answered.earlier_count) - ln(1 + unanswered.earlier_count)) as distance
        from (select * from comparable where first_reply_at is not null) as answered
        inner join
            (select * from comparable where first_reply_at is null) as unanswered
            on unanswered.brand_id = answered.brand_id
            and unanswered.network = answered.network
            and unanswered.lang = answered.lang
            and unanswered.score_tenth = answered.score_tenth
            and unanswered.opened_at >= answered.opened_at - interval 28 days
            and unanswered.opened_at <= answered.opened_at + interval 28 days
    ),

    {% for turn in range(1, rounds + 1) -%}
        nearest_{{ turn }} as (
            select conversation_id, control_id, distance
            from candidates
            {% for earlier in range(1, turn) -%}
                anti join nearest_{{ earlier }} using (conversation_id)
                anti join nearest_{{ earlier }} as taken_{{ earlier }} using (control_id)
            {% endfor -%}
            qualify
                row_number() over (partition by conversation_id order by distance, control_id) = 1
                and row_number() over (partition by control_id order by distance, conversation_id) = 1
        ),
    {% endfor %}

    pairs as (
        {% for turn in range(1, rounds + 1) -%}
            select * from nearest_{{ turn }} {{ "union all" if not loop.last }}
        {% endfor -%}
    )

select
    openings.conversation_id,
    openings.person_id,
    openings.brand_id,
    openings.network,
    openings.lang,
    openings.opened_at,
    openings.first_score,
    openings.first_reply_at,
    {{ elapsed_seconds("openings.opened_at", "openings.first_reply_at") }} as reply_latency_seconds,
    openings.last_label_after_reply,
    case
        when openings.first_reply_at is null
        then 'unanswered'
        when openings.last_label_after_reply is null
        then 'silent'
        when openings.last_label_after_reply = 'unscored'
        then 'unscored'
        when openings.last_label_after_reply = 'neg'
        then 'still_negative'
        else 'recovered'
    end as outcome,
    coalesce(openings.is_thanks, false) as is_thanks,
    openings.score_delta,
    pairs.control_id as matched_control_id,
    pairs.distance as match_distance,
    openings.is_mature
from openings
left join pairs using (conversation_id)
