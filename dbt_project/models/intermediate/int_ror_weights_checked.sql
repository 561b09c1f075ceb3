-- One row per component of the score with its calibrated range. A set of weights or a calibration that cannot be used
-- ends the build with one line.
with
    weights as (select * from {{ ref("ror_weights") }}),

    calibration as (select * from {{ ref("ror_calibration") }}),

    ranged as (
        select
            component,
            count(*) as quantile_count,
            min(version) as calibration_version,
            list(raw_value order by quantile) = list(raw_value order by raw_value) as is_rising
        from calibration
        group by component
    ),

    judged as (
        select
            (select sum(weight) = 100 and min(weight) >= 0 and min(prior_count) > 0 from weights)
            and (
                select
                    count(distinct version) = 1
                    and list(component order by component) = ['{{ ror_components() | join("', '") }}']
                from weights
            ) as are_weights_usable,
            (select count(distinct version) <= 1 from calibration)
            and not exists (from weights anti join ranged using (component))
            and not exists (from ranged where not is_rising or not quantile_count between 2 and 127)
            and not exists (
                select 1
                from calibration
                group by component, quantile
                having count(*) > 1 or not quantile between 0 and 1
            ) as is_calibration_usable
    )

select
    weights.component,
    weights.weight,
    weights.prior_count,
    weights.version as weights_version,
    ranged.calibration_version
from weights
left join ranged using (component)
cross join judged
where
    case
        when not judged.are_weights_usable
        then
            {{
                stop_build(
                    "weights: reference.ror_weights: they do not sum to 100, or a row is missing, doubled, of another"
                    " component or version, negative or without prior_count; next: correct <ROR_HOME>/seeds/ror_weights.csv"
                )
            }}
        when not judged.is_calibration_usable
        then
            {{
                stop_build(
                    "calibration: reference.ror_calibration: a component is missing, has over 127 values, or they fall or are of"
                    " several versions; next: correct <ROR_HOME>/seeds/ror_calibration.csv"
                )
            }}
        else true
    end
