{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('outdated_scores', outdated_scores()) }}",
            "{{ delete_noted('(person_id, week_index) in (select (person_id, week_index) from outdated_scores)') }}",
        ],
    )
}}

{%- set components = ror_components() %}

-- One row per person and scored week: the score in millionths, and what each component brings to it.
-- Never a row per component: a night of five million acts has millions of persons' weeks.
with
    measured as (
        select *
        from {{ ref("int_ror_measured") }}
        {% if is_incremental() -%} anti join {{ this }} using (person_id, week_index) {%- endif %}
    ),

    -- What holds for everybody, in one row.
    shared as (
        select
            {% for component in components -%}
                max(weight) filter (component = '{{ component }}') as {{ component }}_weight,
                max(prior_count) filter (component = '{{ component }}') as {{ component }}_prior_count,
            {% endfor -%}
            max(weights_version) as weights_version,
            max(calibration_version) as calibration_version
        from {{ ref("int_ror_weights_checked") }}
    ),

    -- The calibrated values of a component as one list, and the shares of people below them as another.
    curves as (
        select
            {% for component in components -%}
                any_value(raw_values) filter (component = '{{ component }}') as {{ component }}_values,
                any_value(shares) filter (component = '{{ component }}') as {{ component }}_shares
                {{- "," if not loop.last }}
            {% endfor -%}
        from {{ ref("int_ror_curves") }}
    ),

    placed as (select measured.*, curves.*, {{ places_in_curves() }} from measured cross join curves),

    normed as (select *, {{ norms_of_places() }} from placed),

    shrunk as (
        select
            normed.*,
            shared.*,
            {% for component in components -%}
                case
                    when {{ component }}_count = 0
                    then 0.5
                    else
                        cast(
                            ({{ component }}_count * {{ component }}_norm + {{ component }}_prior_count * 0.5)
                            / ({{ component }}_count + {{ component }}_prior_count) as double
                        )
                end as {{ component }}_shrunk,
                round({{ component }}_weight * ({{ component }}_shrunk - 0.5), 9) as {{ component }}_gap
                {{- "," if not loop.last }}
            {% endfor -%}
        from normed
        cross join shared
    ),

    compared as (
        select
            *,
            greatest({{ components | join("_gap, ") }}_gap) as highest_gap,
            least({{ components | join("_gap, ") }}_gap) as lowest_gap
        from shrunk
    )

select
    person_id,
    week_index,
    evidence_hash,
    {% for component in components -%}
        {{ component }}_raw,
        {{ component }}_count,
        {{ component }}_norm,
        {{ component }}_shrunk,
        {{ points_micro(component ~ "_weight", component ~ "_shrunk") }} as {{ component }}_micro,
    {% endfor -%}
    -- The sum of what is rounded, never rounded again: the components make the score to the last digit.
    cast({{ components | join("_micro + ") }}_micro as bigint) as score_micro,
    cast(
        (
            {% for component in components -%}
                {{ component }}_weight
                * {{ component }}_count
                / ({{ component }}_count + {{ component }}_prior_count) {{ "+" if not loop.last }}
            {% endfor -%}
        )
        / 100 as double
    ) as reliability,
    -- Of equal ones the driver is the last by name, and the drag the first.
    case
        when highest_gap <= 0
        then null
        {% for component in components | reverse -%}
            when {{ component }}_gap = highest_gap then '{{ component }}'
        {% endfor -%}
    end as top_driver,
    case
        when lowest_gap >= 0
        then null
        {% for component in components -%} when {{ component }}_gap = lowest_gap then '{{ component }}' {% endfor -%}
    end as top_drag,
    weights_version,
    calibration_version
from compared
