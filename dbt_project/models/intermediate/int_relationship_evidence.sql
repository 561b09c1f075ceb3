-- One row per person with an act: what all acts, advocacy and scored messages together hash to, whatever their order.
-- Equal hash, equal evidence.
with
    acts as (
        select
            person_id,
            sum(act_hash) as acts_hash,
            {{ week_of("min(act_date)") }} as first_week_index,
            -- Whom we could have met again: a purchase alone shows no act of anybody on a network.
            {{ week_of("min(act_date) filter (is_message or act in ('reaction', 'share'))") }}
            as first_contact_week_index,
            min(act_date) filter (act = 'purchase') as first_purchase_date
        from {{ ref("int_relationship_acts") }}
        group by person_id
    ),

    advocacy as (select person_id, occurred_date, weight from {{ ref("advocacy_acts") }}),

    sentiments as (select * from {{ ref("int_people_sentiments") }}),

    weighed as (
        select person_id, sum(row_hash) as weighed_hash
        from
            (
                select person_id, {{ row_hash("advocacy") }} as row_hash
                from advocacy
                union all
                select person_id, {{ row_hash("sentiments") }}
                from sentiments
            )
        group by person_id
    )

select
    person_id,
    md5(concat_ws('|', acts.acts_hash, weighed.weighed_hash)) as evidence_hash,
    acts.first_week_index,
    acts.first_contact_week_index,
    acts.first_purchase_date
from acts
left join weighed using (person_id)
