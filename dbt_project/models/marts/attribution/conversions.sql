with
    netted as (select * from {{ ref("int_conversions_netted") }}),

    touchpoints as (select * from {{ ref("touchpoints") }}),

    paths as (select * from {{ ref("int_attribution_conversion_paths") }}),

    default_model as (select window_id from {{ ref("int_attribution_models") }} where is_default),

    touched as (select distinct paths.conversion_id from paths inner join default_model using (window_id)),

    first_touches as (select person_id, min(touched_at) as first_touched_at from touchpoints group by person_id)

select
    netted.conversion_id,
    netted.conversion_type,
    netted.converted_at,
    netted.person_id,
    netted.company_id,
    netted.gross_minor,
    netted.refund_minor,
    netted.value_minor,
    netted.currency,
    netted.is_reversed,
    case when netted.person_id is not null then netted.is_first_conversion end as is_new_customer,
    case
        when netted.person_id is null
        then 'no_person'
        when touched.conversion_id is not null
        then null
        when first_touches.first_touched_at <= netted.converted_at
        then 'outside_lookback'
        else 'no_touch'
    end as no_touch_reason
from netted
left join touched on touched.conversion_id = netted.conversion_id
left join first_touches on first_touches.person_id = netted.person_id
