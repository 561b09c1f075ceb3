with
    waits as (select * from {{ ref("int_response_waits") }}),

    totals as (
        select
            brand_id,
            network,
            week_start_date,
            clock,
            count(*) as turn_count,
            count(*) filter (is_answered) as answered_count,
            max(waited_seconds) as longest_wait_seconds,
            avg(waited_seconds) filter (is_answered) as answered_mean_seconds,
            median(waited_seconds) filter (is_answered) as answered_median_seconds
        from waits
        group by all
    ),

    ended as (
        select
            brand_id,
            network,
            week_start_date,
            clock,
            waited_seconds,
            count(*) as ended_count,
            count(*) filter (is_answered) as answered_count
        from waits
        group by all
    ),

    -- Whoever waits as long as a step, or longer, is at risk at it: an unanswered wait of the same length too.
    steps as (
        select
            * exclude (ended_count),
            sum(ended_count) over (
                partition by brand_id, network, week_start_date, clock
                order by waited_seconds desc
                rows between unbounded preceding and current row
            ) as at_risk_count
        from ended
        qualify answered_count > 0
    ),

    -- Kaplan and Meier's product limit, and Greenwood's sum for its variance.
    curve as (
        select
            *,
            product(1 - answered_count / at_risk_count) over steps_so_far as waiting_share,
            sum(answered_count / nullif(at_risk_count * (at_risk_count - answered_count), 0)) over steps_so_far
            as greenwood_sum
        from steps
        window
            steps_so_far as (
                partition by brand_id, network, week_start_date, clock
                order by waited_seconds
                rows between unbounded preceding and current row
            )
    ),

    {% set hour, day = 60 * 60, 24 * 60 * 60 %}
    quantiles as (
        select
            brand_id,
            network,
            week_start_date,
            clock,
            min(waited_seconds) filter (waiting_share <= 0.5 + {{ rounding() }}) as median_seconds,
            min(waited_seconds) filter (waiting_share <= 0.1 + {{ rounding() }}) as p90_seconds,
            min(waiting_share) filter (waited_seconds <= {{ hour }}) as waiting_1h_share,
            min(waiting_share) filter (waited_seconds <= {{ day }}) as waiting_24h_share,
            max(greenwood_sum) filter (waited_seconds <= {{ day }}) as greenwood_24h
        from curve
        group by all
    )

select
    totals.brand_id,
    totals.network,
    totals.week_start_date,
    totals.clock,
    totals.turn_count,
    totals.answered_count,
    totals.turn_count - totals.answered_count as censored_count,
    quantiles.median_seconds,
    quantiles.p90_seconds,
    -- Beyond the longest wait nobody knows, unless everybody was answered before.
    case
        when totals.longest_wait_seconds >= {{ hour }} or quantiles.waiting_1h_share = 0
        then coalesce(quantiles.waiting_1h_share, 1)
    end as waiting_1h_share,
    case
        when totals.longest_wait_seconds >= {{ day }} or quantiles.waiting_24h_share = 0
        then coalesce(quantiles.waiting_24h_share, 1)
    end as waiting_24h_share,
    case
        when totals.longest_wait_seconds >= {{ day }} or quantiles.waiting_24h_share = 0
        then coalesce(quantiles.waiting_24h_share * sqrt(quantiles.greenwood_24h), 0)
    end as waiting_24h_standard_error,
    totals.answered_mean_seconds,
    totals.answered_median_seconds
from totals
left join quantiles using (brand_id, network, week_start_date, clock)
