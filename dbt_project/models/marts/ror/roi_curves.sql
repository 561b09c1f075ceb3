with
    found as (select * from {{ source("solved", "roi_curves") }}),

    verdicts as (select * from {{ source("solved", "roi_verdicts") }})

select
    found.exposure_id,
    found.metric,
    found.segment,
    found.kind,
    found.family,
    found.chi_square,
    found.parameter_count,
    found.parameters,
    found.delta_to_best,
    found.is_selected,
    verdicts.verdict,
    verdicts.credibility
from found
inner join verdicts using (exposure_id, metric, segment)
