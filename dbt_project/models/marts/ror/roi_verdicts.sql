select
    exposure_id,
    metric,
    segment,
    verdict,
    verdict_reason,
    credibility,
    warnings,
    decided_by_gate,
    pretrend_slope,
    pretrend_slope_se,
    lead_t,
    treated_count,
    control_count,
    input_hash
from {{ source("solved", "roi_verdicts") }}
