-- One row per customer who had turned to another person before the first purchase, and what the ledger shows of him.
with
    reached as (
        select from_person_id as person_id, min(first_at) as reached_at
        from {{ ref("int_attention_edges") }}
        group by from_person_id
    ),

    bought as (
        select
            person_id,
            min(occurred_at) filter (kind in ('order', 'deal_won')) as bought_at,
            sum(coalesce(margin_minor, amount_minor)) as margin_minor
        from {{ ref("revenue_events") }}
        where person_id is not null
        group by person_id
    )

select person_id, cast(bought.margin_minor as bigint) as margin_minor
from bought
inner join reached using (person_id)
where reached.reached_at < bought.bought_at
