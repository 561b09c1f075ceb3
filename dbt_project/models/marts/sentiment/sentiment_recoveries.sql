{#- Rounds of pairing: each pairs whoever is nearest to each other of those who are left. -#}
{% set rounds = 6 %}
{% set hours_a_week = 168 %}
{#- Of each block those unanswered that opened next before and next after: all pairs of a large one would be too many. -#}
{% set at_each_side = 16 %}

with
    openings as (select * from {{ ref("int_sentiment_openings") }}),

    -- Numbers in the order of the ids: ties stay ties by id, and windows over numbers are fast.
    comparable as (
        select
            *,
            row_number() over (order by conversation_id) as number,
            -- Equal scores share a tenth.
            floor(10 * percent_rank() over (partition by brand_id, network, lang order by first_score)) as score_tenth,
            {{ whole_quotient("epoch_us(opened_at)", 3600000000) }} % {{ hours_a_week }} as hour_of_week
        from openings
        where is_mature and score_delta is not null
    ),

    placed as (
        select
            *,
            count(*) filter (first_reply_at is null) over (
                partition by brand_id, network, lang, score_tenth order by opened_at, number rows unbounded preceding
            ) as unanswered_place
        from comparable
    ),

    candidates as (
        select
            answered.number,
            unanswered.number as control_number,
            abs(answered.hour_of_week - unanswered.hour_of_week) as hours_apart,
            least(hours_apart, {{ hours_a_week }} - hours_apart) / {{ hours_a_week / 2 }}
            + abs(ln(1 + answered.earlier_count) - ln(1 + unanswered.earlier_count)) as distance
        from
            (
                select
                    *,
                    unnest(
                        range(unanswered_place - {{ at_each_side - 1 }}, unanswered_place + {{ at_each_side + 1 }})
                    ) as control_place
                from placed
                where first_reply_at is not null
            ) as answered
        inner join
            (select * from placed where first_reply_at is null) as unanswered
            on unanswered.brand_id = answered.brand_id
            and unanswered.network = answered.network
            and unanswered.lang = answered.lang
            and unanswered.score_tenth = answered.score_tenth
            and unanswered.unanswered_place = answered.control_place
            and unanswered.opened_at >= answered.opened_at - interval 28 days
            and unanswered.opened_at <= answered.opened_at + interval 28 days
    ),

    {% for turn in range(1, rounds + 1) -%}
        nearest_{{ turn }} as (
            select number, control_number, distance
            from candidates
            {% for earlier in range(1, turn) -%}
                anti join nearest_{{ earlier }} using (number)
                anti join nearest_{{ earlier }} as taken_{{ earlier }} using (control_number)
            {% endfor -%}
            qualify
                row_number() over (partition by number order by distance, control_number) = 1
                and row_number() over (partition by control_number order by distance, number) = 1
        ),
    {% endfor %}

    pairs as (
        {% for turn in range(1, rounds + 1) -%}
            select * from nearest_{{ turn }} {{ "union all" if not loop.last }}
        {% endfor -%}
    ),

    matched as (
        select comparable.conversation_id, controls.conversation_id as control_id, pairs.distance
        from pairs
        inner join comparable using (number)
        inner join comparable as controls on controls.number = pairs.control_number
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
    matched.control_id as matched_control_id,
    matched.distance as match_distance,
    openings.is_mature
from openings
left join matched using (conversation_id)
