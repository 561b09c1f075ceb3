{{ config(materialized="view") }}

-- One row per thing that nobody asked for and that may still do good: thanks for an act of today or yesterday, a word
-- in an open deal, a word to a customer who stays away. Whoever refused marketing gets none; a customer who stays away
-- gets one only after agreeing to it.
with
    run as (select as_of from {{ source("ops", "current_run") }}),

    base as (select * from {{ ref("int_base_currency") }}),

    people as (select * from {{ ref("int_people_at_stake") }} where has_marketing_consent is distinct from false),

    acts as (
        select interactions.*
        from {{ ref("interactions") }} as interactions
        cross join run
        where
            interactions.person_id is not null
            and not interactions.is_deleted
            and not coalesce(interactions.is_automated, false)
            and interactions.occurred_at < run.as_of
    ),

    -- What passed between a person and the brand last, whoever began.
    met as (
        select
            brand_id,
            person_id,
            max(occurred_at) as met_at,
            max(occurred_at) filter (direction = 'outbound') as spoken_at,
            arg_max({'network':network, 'account_id':account_id}, {'at':occurred_at, 'id':interaction_id}) as place
        from acts
        group by all
    ),

    praises as (
        select
            brand_id,
            person_id,
            max(occurred_at) as praised_at,
            arg_max(
                {'network':network, 'account_id':account_id, 'post_id':post_id, 'is_own':act_group = 'post'},
                {'at':occurred_at, 'id':interaction_id}
            ) as act
        from acts
        where
            direction = 'inbound'
            and not coalesce(is_by_brand, false)
            and (act_group = 'post' or act in ('share', 'repost', 'quote'))
        group by all
    )

select
    'thank' as action,
    if(praises.act.is_own, 'thank_post', 'thank_share') as reason,
    praises.brand_id,
    praises.person_id,
    praises.act.network,
    praises.act.account_id,
    praises.act.post_id,
    praises.praised_at as since
from praises
inner join people using (person_id)
left join met using (brand_id, person_id)
where coalesce(met.spoken_at < praises.praised_at, true)
union all
select
    'follow_up',
    'follow_up_silent',
    met.brand_id,
    people.person_id,
    met.place.network,
    met.place.account_id,
    null,
    met.met_at
from people
inner join met using (person_id)
cross join run
where people.open_deal_id is not null and met.met_at < run.as_of - interval 7 days
union all
select
    'check_in',
    if(people.churn_state = 'lapsed', 'check_in_lapsed', 'check_in_at_risk'),
    base.brand_id,
    people.person_id,
    met.place.network,
    met.place.account_id,
    null,
    people.last_purchase_at
from people
cross join base
cross join run
left join met on met.person_id = people.person_id and met.brand_id = base.brand_id
where
    people.has_marketing_consent
    and people.churn_state in ('at_risk', 'lapsed')
    and coalesce(met.met_at < run.as_of - interval 30 days, true)
