{{ config(materialized="view") }}

-- One row per turn that needs a reply, with its brand's business clock at the opening, at the first human answer, and
-- at the latest for that answer.
with
    turns as (select * from {{ ref("int_turns") }} where needs_reply),

    intervals as (select * from {{ ref("int_business_intervals") }}),

    open_brands as (select distinct brand_id from {{ ref("int_business_hours_checked") }}),

    targets as (select * from {{ ref("int_reply_targets") }}),

    clocked as (
        select
            turns.*,
            open_brands.brand_id is not null as has_hours,
            {{ business_clock("turns.opened_at", "opening", "(open_brands.brand_id is not null)") }} as opened_clock,
            {{ business_clock("turns.first_human_at", "answer", "(open_brands.brand_id is not null)") }}
            as answered_clock
        from turns
        left join open_brands using (brand_id)
        asof left join intervals as opening on opening.brand_id = turns.brand_id and opening.opens_at <= turns.opened_at
        asof left join
            intervals as answer on answer.brand_id = turns.brand_id and answer.opens_at <= turns.first_human_at
    )

select
    clocked.*,
    clocked.opened_clock
    + cast(coalesce(of_network.target_minutes, of_brand.target_minutes) * 60000000 as bigint) as due_clock
from clocked
left join targets as of_network on of_network.brand_id = clocked.brand_id and of_network.network = clocked.network
left join targets as of_brand on of_brand.brand_id = clocked.brand_id and coalesce(of_brand.network, '') = ''
