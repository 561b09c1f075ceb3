with
    durations as (select * from {{ ref("int_survival_durations") }}),

    ended as (
        select
            event_kind,
            segment,
            duration_days,
            cast(sum(case when is_event then person_count else 0 end) as bigint) as event_count,
            cast(sum(person_count) as bigint) as leaving_count
        from durations
        group by event_kind, segment, duration_days
    ),

    curves as ({{ product_limit("ended", "event_kind, segment", "duration_days") }}),

    -- Nothing is known of the spread before the first event and after the last possible one.
    spread as (
        select
            *,
            case
                when survival > 0 and survival < 1 then exp({{ z_95() }} * sqrt(greenwood_sum) / ln(survival))
            end as exponent
        from curves
    )

select
    event_kind,
    segment,
    cast(duration_days as double) as duration_days,
    cast(at_risk_count as bigint) as at_risk_count,
    event_count,
    survival,
    power(survival, 1 / exponent) as ci_low,
    power(survival, exponent) as ci_high
from spread
