with
    journeys as (select * from {{ ref("int_attribution_journeys") }}),

    codes as (select * from {{ ref("int_attribution_channel_codes") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    labels as (select list(channel_id order by channel_code) as names from codes),

    paths as (
        select
            period_start_date,
            conversion_type,
            scope,
            lookback_days,
            policy,
            path,
            sum(conversion_count) as conversion_count,
            sum(null_count) as null_count,
            sum(value_minor) as value_minor,
            sum(value_squared_sum) as value_squared_sum
        from journeys
        group by period_start_date, conversion_type, scope, lookback_days, policy, path
    )

select
    paths.period_start_date,
    {{ last_date_of_month("0", "paths.period_start_date") }} as period_end_date,
    paths.conversion_type,
    paths.scope,
    paths.lookback_days,
    paths.policy,
    {{ list_hash(labels_of("labels.names", "paths.path")) }} as path_hash,
    paths.path,
    {{ labels_of("labels.names", "paths.path") }} as path_labels,
    cast({{ list_length("paths.path") }} as integer) as path_length,
    cast(paths.conversion_count as bigint) as conversion_count,
    cast(paths.null_count as bigint) as null_count,
    cast(paths.value_minor as bigint) as value_minor,
    paths.value_squared_sum,
    base.base_currency as currency
from paths
cross join labels
cross join base
