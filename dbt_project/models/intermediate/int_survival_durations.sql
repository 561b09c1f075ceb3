-- One row per kind of event, segment, duration and end: how many were watched so long, and whether the event came.
-- Second purchase: from the first one, days. Reply: from the opening of a turn, days as parts.
with
    purchases as (select * from {{ ref("int_purchases") }}),

    members as (select * from {{ ref("int_retention_members") }} where cohort_basis = 'purchase'),

    second_purchases as (
        select person_id, min(purchase_date) as second_date
        from purchases
        inner join members using (person_id)
        where purchases.purchase_date > members.first_date
        group by person_id
    )

select
    'second_purchase' as event_kind,
    'all' as segment,
    {{
        days_between(
            "members.first_date",
            "coalesce(second_purchases.second_date, " ~ moved_date("day", -1, "members.observed_date") ~ ")",
        )
    }} as duration_days,
    second_purchases.second_date is not null as is_event,
    count(*) as person_count
from members
left join second_purchases using (person_id)
group by event_kind, segment, duration_days, is_event
