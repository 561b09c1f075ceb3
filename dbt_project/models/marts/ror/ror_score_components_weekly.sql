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
    weights as (select * from {{ ref("int_ror_weights_checked") }}),

    scores as (
        select *, {{ week_start("week_index") }} as week_start_date
        from {{ ref("int_ror_scores") }}
        {% if is_incremental() -%}
            -- Of the components of a score one tells whether all are there.
            anti join
                (
                    select person_id, {{ week_index("week_start_date") }} as week_index
                    from {{ this }}
                    where component = '{{ ror_components() | first }}'
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
                        {{
                            score_component(
                                "'" ~ component ~ "'",
                                component ~ "_raw",
                                component ~ "_norm",
                                component ~ "_count",
                                component ~ "_shrunk",
                                component ~ "_micro",
                            )
                        }}
                        {{- "," if not loop.last }}
                    {% endfor -%}
                ]
            ) as part
        from scores
    )

select
    listed.person_id,
    listed.week_start_date,
    listed.part.component,
    listed.part.raw_value,
    listed.part.norm,
    listed.part.evidence_count,
    listed.part.shrunk,
    weights.weight,
    listed.part.points_micro,
    listed.evidence_hash as evidence_query_key
from listed
inner join weights on weights.component = listed.part.component
