select exposure_id, metric, segment, check_name, statistic, p_value, is_passed from {{ source("solved", "roi_checks") }}
