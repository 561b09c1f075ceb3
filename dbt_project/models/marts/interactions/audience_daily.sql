with
    figures as (select * from {{ ref("int_account_figures") }}),

    accounts as (select network, account_id, brand_id from {{ ref("int_accounts") }}),

    brands as (select * from {{ ref("int_brands") }}),

    run as (select as_of from {{ source("ops", "current_run") }}),

    steps as (select * from {{ ref("int_follower_steps") }}),

    spans as (
        select network, account_id, min(first_date) as first_date
        from
            (
                select network, account_id, min(figure_date) as first_date
                from figures
                group by all
                union all
                select network, account_id, min(move_date)
                from steps
                group by all
            ) as firsts
        group by all
    ),

    days as (
        select
            accounts.brand_id,
            spans.network,
            spans.account_id,
            unnest(
                generate_series(spans.first_date, {{ local_date("run.as_of", "brands.time_zone") }} - 1, interval 1 day)
            )::date as audience_date
        from spans
        inner join accounts using (network, account_id)
        inner join brands using (brand_id)
        cross join run
    ),

    counted as (
        select
            days.*,
            figures.follower_count,
            figures.gained_count,
            figures.lost_count,
            coalesce(sum(steps.follower_step) over so_far, 0)::bigint as known_follower_count,
            coalesce(sum(steps.customer_step) over so_far, 0)::bigint as known_customer_count,
            last_value(figures.follower_count ignore nulls) over before as count_before,
            last_value(if(figures.follower_count is null, null, days.audience_date) ignore nulls) over before
            as counted_before
        from days
        left join
            figures
            on figures.network = days.network
            and figures.account_id = days.account_id
            and figures.figure_date = days.audience_date
        left join
            steps
            on steps.network = days.network
            and steps.account_id = days.account_id
            and steps.move_date = days.audience_date
        window
            so_far as (partition by days.network, days.account_id order by days.audience_date),
            before as (
                partition by days.network, days.account_id
                order by days.audience_date
                rows between unbounded preceding and 1 preceding
            )
    ),

    netted as (
        select
            *,
            coalesce(gained_count - lost_count, follower_count - count_before) as net_count,
            if(counted_before = audience_date - 1, count_before, null) as opening_follower_count,
            gained_count is null or lost_count is null as is_derived
        from counted
    )

select
    brand_id,
    network,
    account_id,
    audience_date,
    follower_count,
    gained_count,
    lost_count,
    net_count,
    if(net_count is null, null, is_derived) as is_net_derived,
    case
        when net_count is null then null when is_derived then audience_date - counted_before else 1
    end as net_day_count,
    if(
        is_derived or counted_before is distinct from audience_date - 1, null, follower_count - count_before - net_count
    ) as reconciliation_gap_count,
    opening_follower_count,
    lost_count / nullif(opening_follower_count, 0) as follower_loss_rate,
    known_follower_count,
    known_customer_count,
    known_customer_count / nullif(known_follower_count, 0) as fan_to_customer_rate,
    known_follower_count / nullif(follower_count, 0) as known_follower_share,
    follower_count is not null as is_reported
from netted
