{{ config(materialized="view") }}

-- One row per brand, network and ISO week in which the brand said something: how much of it to all, how much to people.
with
    outputs as (select * from {{ ref("int_brand_outputs") }}),

    said as (
        select
            brand_id,
            network,
            week_start_date,
            count(*) filter (is_broadcast and not is_paid) as brand_post_count,
            count(*) filter (not is_broadcast and not is_automated) as brand_reply_count,
            count(*) filter (is_automated) as brand_automated_count,
            count(*) filter (not is_paid) as brand_output_count,
            count(distinct said_date) filter (not is_automated and not is_paid) as active_date_count,
            count(distinct target_person_id) filter (not is_automated) as people_spoken_to_count
        from outputs
        group by all
    ),

    -- The silence before an act belongs to the week of that act.
    gaps as (
        select *, epoch(said_at) - epoch(lag(said_at) over (partition by brand_id, network order by said_at)) as seconds
        from outputs
        where not is_automated and not is_paid
    ),

    silences as (
        select brand_id, network, week_start_date, max(seconds) / 3600 as longest_silence_hours from gaps group by all
    )

select said.*, silences.longest_silence_hours
from said
left join silences using (brand_id, network, week_start_date)
