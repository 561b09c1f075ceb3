{#- Number of an ISO week: Mondays since 1970-01-05. Never shifts, whatever history is loaded later. -#}
{% macro week_index(week_start_date) -%}
    cast({{ whole_quotient(days_between("date '1970-01-05'", week_start_date), 7) }} as integer)
{%- endmacro %}

{#- Number of the ISO week in which a date lies. -#}
{% macro week_of(date) -%} {{ week_index(start_of("week", date)) }} {%- endmacro %}

{#- Monday of a week number. -#}
{% macro week_start(index) -%}
    {{ moved_date("day", "cast(7 * (" ~ index ~ ") as integer)", "date '1970-01-05'") }}
{%- endmacro %}

{#- What is left of 1 after some days. -#}
{% macro halved(days, half_life_days) -%} power(0.5, ({{ days }}) / {{ half_life_days }}.0) {%- endmacro %}

{#- Persons of whom a model of evidence does not say what this model was made from. -#}
{% macro touched_people(evidence) -%}
    with
        current_evidence as (select person_id, evidence_hash from {{ evidence }}),

        known_evidence as (
            select person_id, any_value(evidence_hash) as evidence_hash from {{ this }} group by person_id
        )
    select person_id
    from current_evidence
    full join known_evidence using (person_id)
    where current_evidence.evidence_hash is distinct from known_evidence.evidence_hash
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

{#- Persons and weeks whose published components are not those of the score. -#}
{% macro outdated_components() -%}
    select known.person_id, known.week_start_date
    from {{ this }} as known
    anti join
        {{ ref("int_ror_scores") }} as scores
        on scores.person_id = known.person_id
        and {{ week_start("scores.week_index") }} = known.week_start_date
        and scores.evidence_hash = known.evidence_query_key
    where {{ is_first_component("known.component") }}
{%- endmacro %}
