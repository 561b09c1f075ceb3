-- One row per person with an act: what all acts together hash to, whatever their order. Equal hash, equal evidence.
select
    person_id,
    md5(cast(sum(act_hash) as varchar)) as evidence_hash,
    {{ week_of("min(act_date)") }} as first_week_index,
    -- Whom we could have met again: a purchase alone shows no act of anybody on a network.
    {{ week_of("min(act_date) filter (is_message or act in ('reaction', 'share'))") }} as first_contact_week_index,
    min(act_date) filter (act = 'purchase') as first_purchase_date
from {{ ref("int_relationship_acts") }}
group by person_id
