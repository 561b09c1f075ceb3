{#- What persons did in a week, summed from `acts`: relationship acts with a `number` for the person. -#}
{#- A conversation of k turns is worth ln(1 + k) at its last turn: each turn adds what it makes of that. -#}
{% macro weeks_of_turns() -%}
    select
        number,
        {{ week_of("act_date") }} as week_index,
        count(*) as turn_count,
        {{
            points(
                "ln(1 + turn_number) - coalesce(ln(turn_number) * "
                ~ halved("act_date - previous_turn_date", 90)
                ~ ", 0)",
                "act_date",
                90,
            )
        }} as depth_billionths
    from acts
    where act = 'turn'
    group by all
{%- endmacro %}

{#- Turns that a human answered, in the week of the answer. -#}
{% macro weeks_of_exchanges() -%}
    select
        number,
        {{ week_of("answered_date") }} as week_index,
        count(*) as exchange_count,
        count(*) filter (response_minutes <= 60) as prompt_reply_count,
        {{ points("1", "answered_date", 60) }} as contact_billionths
    from acts
    where act = 'turn' and answered_date is not null
    group by all
{%- endmacro %}

{#- Turns that need a reply, in the week in which that is due; what was not answered by its end counts as not answered. -#}
{% macro weeks_of_mature_turns() -%}
    select
        number,
        {{ week_of("mature_date") }} as week_index,
        count(*) as mature_turn_count,
        sum({{ billionths(halved("response_minutes", 360)) }}) filter (
            answered_date < {{ start_of("week", "mature_date") }} + 7
        ) as response_billionths
    from acts
    where act = 'turn' and needs_reply
    group by all
{%- endmacro %}

{#- Messages of humans of the brand to the person. -#}
{% macro weeks_of_replies() -%}
    select
        number,
        {{ week_of("act_date") }} as week_index,
        count(*) as personal_reply_count,
        count(*) filter (act = 'proactive_reply') as proactive_count
    from acts
    where act in ('reply', 'proactive_reply')
    group by all
{%- endmacro %}

{#- The dose of a week is the replies of that week and of the three before. -#}
{% macro weeks_of_doses() -%}
    select number, week_index, sum(personal_reply_count) as dose, sum(prompt_reply_count) as prompt_dose
    from
        (
            select number, week_index + unnest([0, 1, 2, 3]) as week_index, personal_reply_count
            from replies
            union all by name
            select number, week_index + unnest([0, 1, 2, 3]) as week_index, prompt_reply_count
            from exchanges
            where prompt_reply_count > 0
        )
    group by all
{%- endmacro %}

{#- Acts by which the person spoke up for the brand. -#}
{% macro weeks_of_advocacy() -%}
    select
        number,
        {{ week_of("occurred_date") }} as week_index,
        count(*) as advocacy_count,
        {{ points("weight", "occurred_date", 90) }} as advocacy_billionths
    from advocacy
    group by all
{%- endmacro %}

{#- How the person's scored messages sound: mean score and effective number are ratios of these sums. What is halved in
    half the time is the square. -#}
{% macro weeks_of_sentiments() -%}
    select
        number,
        {{ week_of("sent_date") }} as week_index,
        {{ points("score", "sent_date", 60) }} as sentiment_billionths,
        {{ points("1", "sent_date", 60) }} as sentiment_weight_billionths,
        {{ points("1", "sent_date", 30) }} as sentiment_square_billionths
    from sentiments
    group by all
{%- endmacro %}

{#- Acts that are neither turns nor replies. -#}
{% macro weeks_of_other_acts() -%}
    select
        number,
        {{ week_of("act_date") }} as week_index,
        {% for name, act in [
            ("reaction_count", "reaction"),
            ("share_count", "share"),
            ("survey_answer_count", "survey_answer"),
            ("purchase_count", "purchase"),
        ] -%}
            count(*) filter (act = '{{ act }}') as {{ name }},
        {% endfor -%}
        {% for name in ["order_count", "revenue_minor", "margin_minor"] -%} sum({{ name }}) as {{ name }}, {% endfor -%}
        max(act_date) filter (act = 'purchase') as last_purchase_date,
        arg_max(answer_share, struct_pack(day := act_date, share := answer_share)) filter (
            act = 'survey_answer'
        ) as last_answer_share
    from acts
    where act not in ('turn', 'reply', 'proactive_reply')
    group by all
{%- endmacro %}

{#- Sum of what each row is worth at the end of the week of its date, halved by age; exact, in billionths. -#}
{% macro points(value, date, half_life_days) -%}
    sum({{ billionths("(" ~ value ~ ") * " ~ halved(start_of("week", date) ~ " + 7 - " ~ date, half_life_days)) }})
{%- endmacro %}
