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

{%- set components = ror_measured_components() %}

-- One row per person and scored week: the score in millionths and, as a list, the components it is the sum of.
with
    weights as (select * from {{ ref("int_ror_weights_checked") }}),

    segments as (select * from {{ ref("int_ror_segments") }}),

    measured as (
        select *
        from {{ ref("int_ror_measured") }}
        {% if is_incremental() -%} anti join {{ this }} using (person_id, week_index) {%- endif %}
    ),

    -- What holds for everybody, in one row. A component that nothing measures says neither good nor bad.
    shared as (
        select
            {% for component in components -%}
                max(weight) filter (component = '{{ component }}') as {{ component }}_weight,
                max(prior_count) filter (component = '{{ component }}') as {{ component }}_prior_count,
            {% endfor -%}
            coalesce(
                list(
                    {{ component_of_score("component", "null", "null", "0", "0.5", "weight", "0") }} order by component
                ) filter (component not in {{ ror_measured() }}),
                []
            ) as unmeasured,
            max(weights_version) as weights_version,
            max(calibration_version) as calibration_version
        from weights
    ),

    lowest as (
        select
            {% for component in components -%}
                min(lowest_share) filter (component = '{{ component }}') as {{ component }}_lowest
                {{- "," if not loop.last }}
            {% endfor -%}
        from segments
    ),

    -- Never a row per component: a night of five million acts has millions of persons' weeks.
    normed as (
        select
            measured.*,
            {% for component in components -%}
                case
                    when measured.{{ component }}_raw is null
                    then null
                    when {{ component }}_segment.to_value is null
                    then coalesce({{ component }}_segment.from_share, lowest.{{ component }}_lowest)
                    else
                        {{ component }}_segment.from_share
                        + ({{ component }}_segment.to_share - {{ component }}_segment.from_share)
                        * (measured.{{ component }}_raw - {{ component }}_segment.from_value)
                        / ({{ component }}_segment.to_value - {{ component }}_segment.from_value)
                end as {{ component }}_norm
                {{- "," if not loop.last }}
            {% endfor -%}
        from measured
        {% for component in components -%}
            asof left join
                (select * from segments where component = '{{ component }}') as {{ component }}_segment
                on {{ component }}_segment.from_value <= measured.{{ component }}_raw
        {% endfor -%}
        cross join lowest
    ),

    shrunk as (
        select
            normed.*,
            shared.*,
            {% for component in components -%}
                case
                    when {{ component }}_count = 0
                    then 0.5
                    else
                        ({{ component }}_count * {{ component }}_norm + {{ component }}_prior_count * 0.5)
                        / ({{ component }}_count + {{ component }}_prior_count)
                end as {{ component }}_shrunk,
                {{ component }}_count
                / ({{ component }}_count + {{ component }}_prior_count) as {{ component }}_reliability
                {{- "," if not loop.last }}
            {% endfor -%}
        from normed
        cross join shared
    ),

    listed as (
        select
            person_id,
            week_index,
            evidence_hash,
            list_concat(
                [
                    {% for component in components -%}
                        {{
                            component_of_score(
                                "'" ~ component ~ "'",
                                component ~ "_raw",
                                component ~ "_norm",
                                component ~ "_count",
                                component ~ "_shrunk",
                                component ~ "_weight",
                                component ~ "_reliability",
                            )
                        }}
                        {{- "," if not loop.last }}
                    {% endfor -%}
                ],
                unmeasured
            ) as components,
            weights_version,
            calibration_version
        from shrunk
    )

select
    person_id,
    week_index,
    evidence_hash,
    -- The sum of what is rounded, never rounded again: the components make the score to the last digit.
    cast(list_sum(list_transform(components, part -> part.points_micro)) as bigint) as score_micro,
    components,
    weights_version,
    calibration_version
from listed
