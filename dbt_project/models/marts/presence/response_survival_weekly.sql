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

    -- Of one number the windows below sort faster than of four columns.
    groups as materialized(
        select row_number() over () as group_id, brand_id, network, week_start_date, clock from totals
    ),

    ended as (
        select
            groups.group_id,
            waits.waited_seconds,
            count(*) as leaving_count,
            count(*) filter (waits.is_answered) as event_count
        from waits
        inner join groups using (brand_id, network, week_start_date, clock)
        group by groups.group_id, waits.waited_seconds
    ),

    curves as ({{ product_limit("ended", "group_id", "waited_seconds") }}),

    {% set hour, day = 60 * 60, 24 * 60 * 60 %}
    quantiles as (
        select
            group_id,
            min(waited_seconds) filter (survival <= 0.5 + {{ rounding() }}) as median_seconds,
            min(waited_seconds) filter (survival <= 0.1 + {{ rounding() }}) as p90_seconds,
            min(survival) filter (waited_seconds <= {{ hour }}) as waiting_1h_share,
            min(survival) filter (waited_seconds <= {{ day }}) as waiting_24h_share,
            max(greenwood_sum) filter (waited_seconds <= {{ day }}) as greenwood_24h
        from curves
        where event_count > 0
        group by group_id
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
inner join groups using (brand_id, network, week_start_date, clock)
left join quantiles using (group_id)
