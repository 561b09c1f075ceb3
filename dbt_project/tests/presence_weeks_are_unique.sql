-- One row per brand, network and week; per clock too where there are two.
select 'response_survival_weekly' as model, count(*) as row_count
from {{ ref("response_survival_weekly") }}
group by brand_id, network, week_start_date, clock
having count(*) > 1
union all
select 'presence_weekly' as model, count(*) as row_count
from {{ ref("presence_weekly") }}
group by brand_id, network, week_start_date
having count(*) > 1
