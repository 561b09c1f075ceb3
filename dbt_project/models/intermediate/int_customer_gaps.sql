-- One row per person with a purchase: the longest usual gap between purchases, days. That of the
-- person's own gaps when there are three, else that of all gaps of the brand; 90 % are shorter.
with
    purchases as (select * from {{ ref("int_purchases") }}),

    gaps as (
        select
            person_id,
            {{
                days_between(
                    "lag(purchase_date) over (partition by person_id order by purchase_date)", "purchase_date"
                )
            }} as gap_days
        from purchases
    ),

    brand as (select {{ percentile("gap_days", 0.9) }} as usual_days from gaps where gap_days is not null),

    own as (
        select person_id, count(gap_days) as gap_count, {{ percentile("gap_days", 0.9) }} as usual_days
        from gaps
        group by person_id
    )

select own.person_id, case when own.gap_count >= 3 then own.usual_days else brand.usual_days end as usual_gap_days
from own
cross join brand
