{{ config(materialized="view") }}

-- One row per account and date for which the network gave a figure of its audience: followers at the end of the date,
-- and those who came and went during it. Of several readings of a date the newest that says something counts.
with
    metrics as (select * from {{ every("account_metrics") }} where not is_deleted),

    accounts as (select * from {{ ref("int_accounts") }}),

    brands as (select * from {{ ref("int_brands") }}),

    readings as (
        select
            metrics.network,
            metrics.account_id,
            accounts.brand_id,
            metrics.metric,
            coalesce(metrics.metric_date, {{ local_date("metrics.observed_at", "brands.time_zone") }}) as figure_date,
            arg_max(metrics.value, {'at':metrics.observed_at, 'id':metrics.native_id}) as value
        from metrics
        inner join accounts using (network, account_id)
        inner join brands using (brand_id)
        group by all
    ),

    spread as (
        select
            brand_id,
            network,
            account_id,
            figure_date,
            {% for metric in [
                "followers",
                "followers_gained",
                "followers_gained_organic",
                "followers_gained_paid",
                "followers_lost",
            ] -%}
                cast(max(value) filter (metric = '{{ metric }}') as bigint) as {{ metric }}{{ "," if not loop.last }}
            {% endfor %}
        from readings
        group by all
    )

select
    brand_id,
    network,
    account_id,
    figure_date,
    followers as follower_count,
    coalesce(
        followers_gained,
        followers_gained_organic + followers_gained_paid,
        followers_gained_organic,
        followers_gained_paid
    ) as gained_count,
    followers_lost as lost_count
from spread
