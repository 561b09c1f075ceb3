-- One row per stage of a pipeline of deals: what it means. A stage that was removed keeps its last meaning.
with picked as ({{ newest_rows("hubspot", "stages") }})

select
    pipeline_id as pipeline,
    id as stage,
    label,
    case when is_closed and probability >= 1 then 'won' when is_closed then 'lost' else 'open' end as stage_category
from picked
