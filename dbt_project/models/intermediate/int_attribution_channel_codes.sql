-- One row per channel: a number for its place in the order of names, dense from 0.
select channel_id, cast(dense_rank() over (order by channel_id) - 1 as integer) as channel_code
from (select distinct channel_id from {{ ref("touchpoints") }}) as channels
