{{ config(materialized="view") }}

-- One row per account, date and person with messages of the brand's staff; person empty where it is not known.
select account_id, occurred_date as reply_date, person_id, count(*) as reply_count
from {{ ref("interactions") }}
where act_group = 'message' and direction = 'outbound' and not (is_deleted or is_automated)
group by account_id, occurred_date, person_id
