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

-- One row per person and scored week: the score in millionths and, as a list, the components it is the sum of.
with
    weights as (select * from {{ ref("int_ror_weights_checked") }}),

    segments as (select * from {{ ref("int_ror_segments") }}),

    measured as (
        select *
        from {{ ref("int_ror_measured") }}
        {% if is_incremental() -%} anti join {{ this }} using (person_id, week_index) {%- endif %}
    ),

    listed as (
        {% for component in [
            "two_way_contact",
            "depth",
            "responsiveness",
            "loyalty",
            "advocacy",
            "feedback",
        ] -%}
            select
                person_id,
                week_index,
                evidence_hash,
                '{{ component }}' as component,
                {{ component }}_raw as raw_value,
                {{ component }}_count as evidence_count
            from measured
            union all
        {% endfor -%}
        -- A component that nothing measures says neither good nor bad.
        select person_id, week_index, evidence_hash, weights.component, null, 0
        from measured
        cross join weights
        where weights.component not in {{ ror_measured() }}
    ),

    normed as (
        select
            listed.*,
            case
                when listed.raw_value is null
                then null
                when segments.to_value is null
                then coalesce(segments.from_share, lowest.lowest_share)
                else
                    segments.from_share
                    + (segments.to_share - segments.from_share)
                    * (listed.raw_value - segments.from_value)
                    / (segments.to_value - segments.from_value)
            end as norm
        from listed
        asof left join segments on segments.component = listed.component and segments.from_value <= listed.raw_value
        left join
            (select distinct component, lowest_share from segments) as lowest on lowest.component = listed.component
    ),

    shrunk as (
        select
            normed.*,
            weights.weight,
            weights.weights_version,
            weights.calibration_version,
            normed.evidence_count / (normed.evidence_count + weights.prior_count) as reliability,
            case
                when normed.evidence_count = 0
                then 0.5
                else
                    (normed.evidence_count * normed.norm + weights.prior_count * 0.5)
                    / (normed.evidence_count + weights.prior_count)
            end as shrunk
        from normed
        inner join weights using (component)
    )

select
    person_id,
    week_index,
    any_value(evidence_hash) as evidence_hash,
    -- The sum of what is rounded, never rounded again: the components make the score to the last digit.
    cast(sum(cast(round(weight * shrunk * 1000000) as bigint)) as bigint) as score_micro,
    list(
        {
            'component':component,
            'raw_value':raw_value,
            'norm':norm,
            'evidence_count':evidence_count,
            'shrunk':shrunk,
            'weight':weight,
            'reliability':reliability,
            'points_micro':cast(round(weight * shrunk * 1000000) as bigint)
        }
        order by component
    ) as components,
    max(weights_version) as weights_version,
    max(calibration_version) as calibration_version
from shrunk
group by person_id, week_index
