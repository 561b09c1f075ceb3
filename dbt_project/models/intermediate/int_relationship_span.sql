{{ config(materialized="view") }}

-- At most one row: the last week that the data show whole, for scores (messages; else revenue) and for the panel
-- (both), and the first week in which anything happened.
with
    windows as (select * from {{ ref("int_observation_windows") }}),

    brands as (select * from {{ ref("int_brands") }}),

    shown as (
        select windows.domain, max({{ local_date("windows.observed_until", "brands.time_zone") }}) as observed_date
        from windows
        inner join brands using (brand_id)
        where windows.observed_until is not null
        group by windows.domain
    ),

    reached as (
        select
            max(observed_date) filter (domain = 'messages') as messages_date,
            max(observed_date) filter (domain = 'revenue') as revenue_date
        from shown
    ),

    acted as (select min(first_week_index) as first_week_index from {{ ref("int_relationship_evidence") }})

select
    acted.first_week_index,
    {{ week_of("coalesce(reached.messages_date, reached.revenue_date)") }} - 1 as score_week_index,
    {{ week_of("least(reached.messages_date, reached.revenue_date)") }} - 1 as panel_week_index
from reached
cross join acted
where acted.first_week_index is not null
