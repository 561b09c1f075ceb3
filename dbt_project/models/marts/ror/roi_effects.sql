with
    found as (select * from {{ source("solved", "roi_effects") }}),

    verdicts as (select * from {{ source("solved", "roi_verdicts") }})

select
    found.exposure_id,
    found.metric,
    found.segment,
    found.method,
    found.scale,
    found.horizon,
    found.estimate_minor,
    found.standard_error,
    found.ci_low,
    found.ci_high,
    found.lift,
    found.lift_se,
    found.lift_ci_low,
    found.lift_ci_high,
    found.lift_adjusted,
    found.adjusted_ci_low,
    found.adjusted_ci_high,
    found.breakdown_slope,
    found.mde_minor,
    found.treated_count,
    found.control_count,
    verdicts.verdict,
    verdicts.credibility
from found
inner join verdicts using (exposure_id, metric, segment)
