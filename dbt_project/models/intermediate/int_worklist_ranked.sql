-- One row per thing that may be done today: its place among all of its brand, and whether the day is long enough for
-- it.
-- What waits for an answer comes before every suggestion, whatever that may be worth. Whoever is held out keeps a
-- place,
-- so that both arms reach the list by the same rule.
with
    items as (select * from {{ ref("int_worklist_items") }}),

    capacity as (select * from {{ ref("int_worklist_capacity") }})

select
    items.*,
    capacity.list_date,
    capacity.capacity_minutes,
    row_number() over places as place,
    coalesce(sum(items.effort_minutes) over places <= capacity.capacity_minutes, true) as is_reached
from items
inner join capacity using (brand_id)
window
    places as (
        partition by items.brand_id
        order by items.is_proactive, items.priority desc, items.since, items.item_id
        rows between unbounded preceding and current row
    )
