-- Recorded costs and their parts add up to each cost, to the minor unit.
with
    ledger as (
        select cost_id, amount_minor, upper(currency) as currency
        from {{ every("costs") }}
        where not is_deleted and amount_minor < {{ largest_amount() }}
    ),

    parts as (
        select cost_id, sum(amount_minor) as amount_minor, any_value(currency) as currency
        from {{ ref("relationship_costs") }}
        where basis <> 'default'
        group by cost_id
    )

select cost_id
from ledger
full join parts using (cost_id)
-- In the base currency nothing is rounded; others are compared for being there.
where
    parts.cost_id is null
    or ledger.cost_id is null
    or (ledger.currency = parts.currency and ledger.amount_minor <> parts.amount_minor)
