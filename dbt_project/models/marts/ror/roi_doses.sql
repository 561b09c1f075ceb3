with
    found as (select * from {{ source("solved", "roi_doses") }}),

    verdicts as (select * from {{ source("solved", "roi_verdicts") }})

select
    found.exposure_id,
    found.metric,
    found.segment,
    found.dose,
    found.log_rate_ratio,
    found.standard_error,
    found.naive_log_rate_ratio,
    found.person_week_count,
    verdicts.verdict,
    verdicts.credibility
from found
inner join verdicts using (exposure_id, metric, segment)
