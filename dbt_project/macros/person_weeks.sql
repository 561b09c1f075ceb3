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
        acts.number,
        {{ week_of("acts.act_date") }} as week_index,
        {% for name, act in [
            ("reaction_count", "reaction"),
            ("share_count", "share"),
            ("survey_answer_count", "survey_answer"),
            ("purchase_count", "purchase"),
        ] -%}
            count(*) filter (acts.act = '{{ act }}') as {{ name }},
        {% endfor -%}
        count(act_weights.act) as advocacy_count,
        {{ points("act_weights.weight", "acts.act_date", 90) }} as advocacy_billionths,
        {% for name in ["order_count", "revenue_minor", "margin_minor"] -%}
            sum(acts.{{ name }}) as {{ name }},
        {% endfor -%}
        max(acts.act_date) filter (acts.act = 'purchase') as last_purchase_date,
        arg_max(acts.answer_share, struct_pack(day := acts.act_date, share := acts.answer_share)) filter (
            acts.act = 'survey_answer'
        ) as last_answer_share
    from acts
    left join act_weights on act_weights.act = acts.act
    where acts.act not in ('turn', 'reply', 'proactive_reply')
    group by all
{%- endmacro %}

{#- Sum of what each row is worth at the end of the week of its date, halved by age; exact, in billionths. -#}
{% macro points(value, date, half_life_days) -%}
    sum({{ billionths("(" ~ value ~ ") * " ~ halved(start_of("week", date) ~ " + 7 - " ~ date, half_life_days)) }})
{%- endmacro %}
