-- One row per click or visit as a touch, with its person where one is known.
with clicks as (select * from {{ every("clicks") }}), named as ({{ with_person("clicks") }})

select
    md5(source || '|click|' || native_id) as touch_id,
    person_id,
    nullif(trim(channel), '') as channel_id,
    campaign,
    coalesce(click_kind, 'web_visit') as touch_type,
    coalesce(is_direct, false) as is_direct,
    clicked_at as touched_at,
    'clicks' as source_kind,
    native_id as source_id,
    case when is_deleted then 'deleted' end as left_out_reason
from named
