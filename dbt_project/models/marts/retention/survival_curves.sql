with
    durations as (select * from {{ ref("int_survival_durations") }}),

    at_time as (
        select
            event_kind,
            segment,
            duration_days,
            cast(sum(case when is_event then person_count else 0 end) as double) as event_count,
            cast(sum(person_count) as double) as leaving_count
        from durations
        group by event_kind, segment, duration_days
    ),

    risk as (
        select
            *,
            sum(leaving_count) over (
                partition by event_kind, segment order by duration_days desc rows unbounded preceding
            ) as at_risk_count
        from at_time
    ),

    -- A product of shares as a sum of logarithms; from the time at which the last one had the event
    -- it is 0. Greenwood's sum gives the variance of its logarithm.
    multiplied as (
        select
            *,
            max(case when event_count = at_risk_count then 1 else 0 end) over path = 1 as is_over,
            sum(case when event_count = at_risk_count then 0 else ln(1 - event_count / at_risk_count) end) over path
            as log_survival,
            sum(
                case
                    when event_count = at_risk_count
                    then 0
                    else event_count / (at_risk_count * (at_risk_count - event_count))
                end
            ) over path as greenwood
        from risk
        window path as (partition by event_kind, segment order by duration_days rows unbounded preceding)
    ),

    -- Nothing is known of the spread before the first event and after the last possible one.
    spread as (
        select
            *,
            case
                when not is_over and log_survival < 0 then exp({{ z_95() }} * sqrt(greenwood) / log_survival)
            end as exponent
        from multiplied
    )

select
    event_kind,
    segment,
    cast(duration_days as double) as duration_days,
    cast(at_risk_count as bigint) as at_risk_count,
    cast(event_count as bigint) as event_count,
    case when is_over then 0.0 else exp(log_survival) end as survival,
    exp(log_survival / exponent) as ci_low,
    exp(log_survival * exponent) as ci_high
from spread
