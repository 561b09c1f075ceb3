-- One breakpoint per measure and quintile, all of one version.
select measure, quintile, count(*) as breakpoint_count
from {{ ref("rfm_breakpoints") }}
group by measure, quintile
having count(*) <> 1
union all
select 'version', null, count(distinct version)
from {{ ref("rfm_breakpoints") }}
having count(distinct version) <> 1
