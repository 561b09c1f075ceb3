{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('outdated_components', outdated_components()) }}",
            "{{ delete_noted('(person_id, week_start_date) in (select (person_id, week_start_date) from outdated_components)') }}",
        ],
    )
}}

with
    weights as (
        select
            {% for component in ror_components() -%}
                max(weight) filter (component = '{{ component }}') as {{ component }}_weight {{- "," if not loop.last }}
            {% endfor -%}
        from {{ ref("int_ror_weights_checked") }}
    ),

    scores as (
        select *, {{ week_start("week_index") }} as week_start_date
        from {{ ref("int_ror_scores") }}
        {% if is_incremental() -%}
            anti join
                (
                    select person_id, {{ week_index("week_start_date") }} as week_index
                    from {{ this }}
                    where {{ is_first_component("component") }}
                ) using (person_id, week_index)
        {%- endif %}
    ),

    listed as (
        select
            scores.person_id,
            scores.week_start_date,
            scores.evidence_hash,
            unnest(
                [
                    {% for component in ror_components() -%}
                        {{ score_component(component) }} {{- "," if not loop.last }}
                    {% endfor -%}
                ]
            ) as part
        from scores
        cross join weights
    )

select
    person_id,
    week_start_date,
    part.component,
    part.raw_value,
    part.norm,
    part.evidence_count,
    part.shrunk,
    part.weight,
    part.points_micro,
    evidence_hash as evidence_query_key
from listed
