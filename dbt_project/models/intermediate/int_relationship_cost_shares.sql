{{ config(materialized="view") }}

-- One row per recorded cost of labour and person who had replies by that account on that date, else in that month:
-- the share of the replies. Costs without an account are of all accounts.
with
    labour as (select * from {{ every("costs") }} where kind = 'labour' and not is_deleted),

    replies as (
        select account_id, reply_date, person_id, reply_count
        from {{ ref("int_personal_replies_daily") }}
        union all
        -- The same under no account, for costs that name none.
        select '' as account_id, reply_date, person_id, reply_count
        from {{ ref("int_personal_replies_daily") }}
    ),

    on_date as (
        select labour.source, labour.native_id, replies.person_id, sum(replies.reply_count) as reply_count
        from labour
        inner join
            replies on replies.account_id = coalesce(labour.account_id, '') and replies.reply_date = labour.cost_date
        group by labour.source, labour.native_id, replies.person_id
    ),

    in_month as (
        select labour.source, labour.native_id, replies.person_id, sum(replies.reply_count) as reply_count
        from labour
        anti join on_date on on_date.source = labour.source and on_date.native_id = labour.native_id
        inner join
            replies
            on replies.account_id = coalesce(labour.account_id, '')
            and {{ start_of("month", "replies.reply_date") }} = {{ start_of("month", "labour.cost_date") }}
        group by labour.source, labour.native_id, replies.person_id
    )

select *
from on_date
union all
select *
from in_month
