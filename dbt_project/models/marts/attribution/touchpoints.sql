with touches as (select * from {{ ref("int_touchpoints_unioned") }} where left_out_reason is null)

select
    touch_id,
    person_id,
    company_id,
    channel_id,
    campaign,
    touch_type,
    is_relationship,
    is_direct,
    touched_at,
    source_kind,
    source_id,
    cost_minor,
    currency
from touches
