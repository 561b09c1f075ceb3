-- Roles that no rule knows would silently never occur; a weight below 0 is no share.
select model_id, role, weight
from {{ ref("int_attribution_roles") }}
where
    (place is null and role not in ('middle', 'lead_creation', 'deal_creation'))
    or place = 0
    or weight is null
    or weight < 0
union all
-- Whole channels are divided along plain paths.
select model_id, transform, null
from {{ ref("int_attribution_models") }}
where is_channel_grain and (transform <> 'none' or scope = 'account')
union all
-- Exactly one model explains conversions without a touch.
select 'default', cast(count(*) as varchar), null
from {{ ref("attribution_models") }}
where is_default
having count(*) <> 1
