with
    found as (select * from {{ source("solved", "roi_event_study") }}),

    verdicts as (select * from {{ source("solved", "roi_verdicts") }})

select
    found.exposure_id,
    found.metric,
    found.segment,
    found.event_week,
    found.is_primary,
    found.log_lift,
    found.standard_error,
    found.treated_count,
    verdicts.verdict,
    verdicts.credibility
from found
inner join verdicts using (exposure_id, metric, segment)
