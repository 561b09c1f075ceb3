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
    scores as (
        select person_id, {{ week_start("week_index") }} as week_start_date, evidence_hash, components
        from {{ ref("int_ror_scores") }}
    ),

    parts as (
        select person_id, week_start_date, evidence_hash, unnest(components) as part
        from scores
        {% if is_incremental() -%} anti join {{ this }} using (person_id, week_start_date) {%- endif %}
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
from parts
