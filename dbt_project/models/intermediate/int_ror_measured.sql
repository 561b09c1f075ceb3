{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_people', touched_people(ref('int_ror_evidence'))) }}",
            "{{ delete_noted('person_id in (from touched_people) or week_index not in (' ~ scored_weeks() ~ ')') }}",
        ],
    )
}}

{%- set parts = 8 if target.threads == 1 else 1 %}

-- One row per person and scored week: what each component measures at the end of the week, and its opportunities.
-- Only what is missing is computed: people whose acts changed, and weeks that have ended since.
with
    evidence as (select * from {{ ref("int_ror_evidence") }}),

    weeks as (
        select *
        from {{ ref("int_people_weekly") }}
        union all by name
        select *
        from {{ ref("int_recognitions_weekly") }}
    ),

    missing as (
        select evidence.*, scored.week_index
        from evidence
        inner join ({{ scored_weeks() }}) as scored on scored.week_index >= evidence.first_week_index
        {% if is_incremental() -%} anti join {{ this }} using (person_id, week_index) {%- endif %}
    ),

    -- Whole numbers, so that no order of rows changes a sum; where people are many, a part of them at a time.
    summed as (
        {% for part in range(parts) -%}
            select
                missing.person_id,
                missing.week_index,
                any_value(missing.evidence_hash) as evidence_hash,
                any_value(missing.first_contact_week_index) as first_contact_week_index,
                any_value(missing.first_purchase_date) as first_purchase_date,
                {{ week_start("missing.week_index") }} + 7 as week_end_date,
                {% for name, half_life in [
                    ("contact", 60),
                    ("depth", 90),
                    ("advocacy", 90),
                    ("sentiment", 60),
                    ("sentiment_weight", 60),
                    ("sentiment_square", 30),
                ] -%}
                    {{ halved_sum(name, half_life) }} as {{ name }},
                {% endfor -%}
                {% for name in ["response", "recognition"] -%}
                    sum(known.{{ name }}_billionths) filter (known.week_index > missing.week_index - 52)
                    / 1e9 as {{ name }}_sum,
                {% endfor -%}
                {% for name in [
                    "mature_turn_count",
                    "recognition_reply_count",
                    "survey_answer_count",
                    "purchase_count",
                    "revenue_minor",
                ] -%}
                    coalesce(
                        sum(known.{{ name }}) filter (known.week_index > missing.week_index - 52), 0
                    ) as {{ name }},
                {% endfor -%}
                max(known.last_purchase_date) as last_purchase_date,
                arg_max(known.last_answer_share, known.week_index) filter (
                    known.last_answer_share is not null and known.week_index > missing.week_index - 52
                ) as last_answer_share
            from missing
            inner join weeks as known on known.person_id = missing.person_id and known.week_index <= missing.week_index
            {% if parts > 1 -%} where hash(missing.person_id) % {{ parts }} = {{ part }} {%- endif %}
            group by missing.person_id, missing.week_index {{ "union all" if not loop.last }}
        {% endfor -%}
    ),

    -- The frozen breakpoints of `rfm_scores`, in one row.
    quintiles as (
        select
            {% for measure in ["recency_days", "frequency_count", "monetary_minor"] -%}
                list(breakpoint order by quintile) filter (measure = '{{ measure }}') as {{ measure }},
            {% endfor -%}
        from {{ ref("rfm_breakpoints") }}
    ),

    rated as (
        select
            summed.*,
            greatest(week_index - first_contact_week_index + 1, 0) as contact_weeks,
            {{ quintiles_passed() }} / 12.0 as loyalty
        from summed
        cross join quintiles
    )

select
    person_id,
    week_index,
    evidence_hash,
    cast(if(contact_weeks > 0, contact, null) as double) as two_way_contact_raw,
    cast(coalesce(least(contact_weeks, 52), 0) as integer) as two_way_contact_count,
    cast(if(contact_weeks > 0, depth, null) as double) as depth_raw,
    cast(coalesce(least(contact_weeks, 26), 0) as integer) as depth_count,
    cast(response_sum / nullif(mature_turn_count, 0) as double) as responsiveness_raw,
    cast(mature_turn_count as integer) as responsiveness_count,
    cast(recognition_sum / nullif(recognition_reply_count, 0) as double) as recognition_raw,
    cast(recognition_reply_count as integer) as recognition_count,
    if(sentiment_square > 0, round(sentiment / sentiment_weight, 6), null) as sentiment_raw,
    coalesce(round(sentiment_weight * sentiment_weight / nullif(sentiment_square, 0), 6), 0) as sentiment_count,
    cast(loyalty as double) as loyalty_raw,
    cast(
        if(loyalty is null, 0, {{ whole_quotient("week_end_date - first_purchase_date", 30) }}) as integer
    ) as loyalty_count,
    cast(if(contact_weeks > 0, advocacy, null) as double) as advocacy_raw,
    cast(coalesce(least(contact_weeks, 26), 0) as integer) as advocacy_count,
    cast(last_answer_share as double) as feedback_raw,
    cast(survey_answer_count as integer) as feedback_count
from rated
