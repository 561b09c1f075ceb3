{{ config(materialized="view") }}

-- One row per account and date on which somebody known began or ceased to follow it: how many more followers are known
-- since, and how many more of them are customers.
with
    accounts as (select network, account_id, brand_id from {{ ref("int_accounts") }}),

    brands as (select * from {{ ref("int_brands") }}),

    people as (select person_id, first_purchase_at from {{ ref("people") }} where kind = 'person'),

    follows as (
        select network, account_id, person_id, occurred_at, occurred_date, interaction_id, act = 'follow' as is_follow
        from {{ ref("interactions") }}
        where act_group = 'reaction' and act in ('follow', 'unfollow') and person_id is not null and not is_deleted
    ),

    -- A second follow without an unfollow in between is none.
    turns as (
        select *
        from follows
        qualify
            is_follow <> lag(is_follow, 1, false) over (
                partition by network, account_id, person_id order by occurred_at, is_follow, interaction_id
            )
    ),

    stays as (
        select
            turns.*,
            lead(turns.occurred_date) over (
                partition by turns.network, turns.account_id, turns.person_id
                order by turns.occurred_at, turns.is_follow, turns.interaction_id
            ) as left_date
        from turns
    ),

    -- A follower counts as a customer from the first purchase on, while following.
    moves as (
        select
            network, account_id, occurred_date as move_date, if(is_follow, 1, -1) as follower_step, 0 as customer_step
        from turns
        union all
        select
            stays.network,
            stays.account_id,
            unnest([greatest(stays.occurred_date, bought.purchase_date), stays.left_date]),
            0,
            unnest([1, -1])
        from stays
        inner join accounts using (network, account_id)
        inner join brands using (brand_id)
        inner join
            (
                select
                    people.person_id,
                    brands.brand_id,
                    {{ local_date("people.first_purchase_at", "brands.time_zone") }} as purchase_date
                from people
                cross join brands
                where people.first_purchase_at is not null
            ) as bought
            on bought.person_id = stays.person_id
            and bought.brand_id = accounts.brand_id
        where stays.is_follow and coalesce(bought.purchase_date < stays.left_date, true)
    )

select network, account_id, move_date, sum(follower_step) as follower_step, sum(customer_step) as customer_step
from moves
where move_date is not null
group by all
