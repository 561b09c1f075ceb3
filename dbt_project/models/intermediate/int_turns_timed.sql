{{ config(materialized="view") }}

-- One row per turn that needs a reply, with its brand's business clock at the opening, at the first human answer, and
-- at the latest for that answer.
with
    turns as (select * from {{ ref("int_turns") }} where needs_reply),

    days as (select * from {{ ref("int_business_days") }}),

    hours as (select distinct brand_id, first_utc_day, last_utc_day from days),

    targets as (select * from {{ ref("int_reply_targets") }}),

    clocked as (
        select
            turns.*,
            hours.brand_id is not null as has_hours,
            {{ business_clock("turns.opened_at", "opening") }} as opened_clock,
            case
                when turns.first_human_at is not null then {{ business_clock("turns.first_human_at", "answer") }}
            end as answered_clock
        from turns
        left join hours on hours.brand_id = turns.brand_id
        left join
            days as opening
            on opening.brand_id = hours.brand_id
            and opening.utc_day = {{ business_day("turns.opened_at", "hours") }}
        left join
            days as answer
            on answer.brand_id = hours.brand_id
            and answer.utc_day = {{ business_day("turns.first_human_at", "hours") }}
    )

select
    clocked.*,
    clocked.opened_clock
    + cast(coalesce(of_network.target_minutes, of_brand.target_minutes) * 60000000 as bigint) as due_clock
from clocked
left join targets as of_network on of_network.brand_id = clocked.brand_id and of_network.network = clocked.network
left join targets as of_brand on of_brand.brand_id = clocked.brand_id and coalesce(of_brand.network, '') = ''
