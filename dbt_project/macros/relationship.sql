{#- Number of an ISO week: Mondays since 1970-01-05. Never shifts, whatever history is loaded later. -#}
{% macro week_index(week_start_date) -%}
    cast({{ whole_quotient(days_between("date '1970-01-05'", week_start_date), 7) }} as integer)
{%- endmacro %}

{#- Monday of a week number. -#}
{% macro week_start(index) -%}
    {{ moved_date("day", "cast(7 * (" ~ index ~ ") as integer)", "date '1970-01-05'") }}
{%- endmacro %}

{#- What is left of 1 after some days. -#}
{% macro halved(days, half_life_days) -%} power(0.5, ({{ days }}) / {{ half_life_days }}.0) {%- endmacro %}

{#- Persons whose acts are not those that this model was made from: by the sum of the hashes of their acts. -#}
{% macro touched_people(known="evidence_hash") -%}
    with
        current_evidence as (select person_id, evidence_hash from {{ ref("int_relationship_evidence") }}),

        known_evidence as (select person_id, any_value({{ known }}) as evidence_hash from {{ this }} group by person_id)
    select person_id
    from current_evidence
    full join known_evidence using (person_id)
    where current_evidence.evidence_hash is distinct from known_evidence.evidence_hash
{%- endmacro %}

{#- Components of the score that anything measures yet; the others have no evidence: half their points, reliability 0. -#}
{% macro ror_measured_components() -%}
    {{ return(["advocacy", "depth", "feedback", "loyalty", "responsiveness", "two_way_contact"]) }}
{%- endmacro %}

{#- The same as a list in SQL. -#}
{% macro ror_measured() -%} ('{{ ror_measured_components() | join("', '") }}') {%- endmacro %}

{#- One component of a score, as it is kept; points in millionths. -#}
{% macro component_of_score(component, raw_value, norm, evidence_count, shrunk, weight, reliability) -%}
    {
        'component':{{ component }},
        'raw_value':cast({{ raw_value }} as double),
        'norm':cast({{ norm }} as double),
        'evidence_count':cast({{ evidence_count }} as integer),
        'shrunk':cast({{ shrunk }} as double),
        'weight':{{ weight }},
        'reliability':cast({{ reliability }} as double),
        'points_micro':cast(round({{ weight }} * cast({{ shrunk }} as double) * 1000000) as bigint)
    }
{%- endmacro %}

{#- Weeks whose scores are kept: those of which 90 days of outcomes are known, and today's. -#}
{% macro ror_score_weeks() -%} {{ var("ror_score_weeks", 16) }} {%- endmacro %}

{#- The scored weeks, as a query of their numbers. -#}
{% macro scored_weeks() -%}
    select score_week_index - unnest(range({{ ror_score_weeks() }})) as week_index
    from {{ ref("int_relationship_span") }}
{%- endmacro %}

{#- Scores that do not rest on what is measured now. -#}
{% macro outdated_scores() -%}
    select person_id, week_index
    from {{ this }}
    anti join {{ ref("int_ror_measured") }} using (person_id, week_index, evidence_hash)
{%- endmacro %}

{#- Scores of several people: everybody weighs the same. Those of whom too little is known are counted apart. -#}
{% macro ror_rollup() -%}
    count(*) as people_count,
    count(*) filter (scores.level <> 'unknown') as reliable_count,
    sum(scores.score_micro) / count(*) / 1e6 as mean_score,
    list_transform(
        quantile_disc(scores.score_micro, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]), micro -> micro / 1e6
    ) as deciles
{%- endmacro %}

{#- Persons and weeks whose published components are not those of the score. -#}
{% macro outdated_components() -%}
    select distinct known.person_id, known.week_start_date
    from {{ this }} as known
    anti join
        {{ ref("int_ror_scores") }} as scores
        on scores.person_id = known.person_id
        and {{ week_start("scores.week_index") }} = known.week_start_date
        and scores.evidence_hash = known.evidence_query_key
{%- endmacro %}

{#- Acts of a week by what they are called in the panel. -#}
{% macro counted_acts() -%}
    {% for name, acts in [
        ("turn_count", "'turn'"),
        ("personal_reply_count", "'reply', 'proactive_reply'"),
        ("proactive_count", "'proactive_reply'"),
        ("prompt_reply_count", "'prompt_reply'"),
        ("exchange_count", "'exchange'"),
        ("reaction_count", "'reaction'"),
        ("share_count", "'share'"),
        ("advocacy_count", "'advocacy'"),
        ("survey_answer_count", "'survey_answer'"),
        ("mature_turn_count", "'mature_turn'"),
        ("purchase_count", "'purchase'"),
        ("dose", "'dose'"),
        ("prompt_dose", "'prompt_dose'"),
    ] -%}
        count(*) filter (weekly.act in ({{ acts }})) as {{ name }} {{- "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}

{#- Points of a week as they stand at its end, halved by age. -#}
{% macro halved_points() -%}
    {% for name, act, half_life in [
        ("contact", "exchange", 60),
        ("depth", "depth", 90),
        ("advocacy", "advocacy", 90),
    ] -%}
        cast(
            coalesce(
                sum({{ billionths("weekly.value * " ~ halved("weekly.days_left", half_life)) }}) filter (
                    weekly.act = '{{ act }}'
                ),
                0
            ) as bigint
        ) as {{ name }}_billionths {{- "," if not loop.last }}
    {% endfor -%}
{%- endmacro %}
