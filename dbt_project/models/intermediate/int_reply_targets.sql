-- One row per brand and network, as the seed says it: the minutes of business time in which an answer is due.
with targets as (select * from {{ ref("reply_targets") }}), brands as (select brand_id from {{ ref("int_brands") }})

select
    targets.brand_id,
    targets.network,
    case
        when brands.brand_id is null
        then
            {{
                stop_build(
                    "reply targets: reference.reply_targets: a brand_id is none of the brands; next: correct"
                    " <ROR_HOME>/seeds/reply_targets.csv"
                )
            }}
        when targets.target_minutes <= 0
        then
            {{
                stop_build(
                    "reply targets: reference.reply_targets: target_minutes is not above 0; next: correct"
                    " <ROR_HOME>/seeds/reply_targets.csv"
                )
            }}
        else targets.target_minutes
    end as target_minutes
from targets
left join brands using (brand_id)
