-- One row per conversion, also one that is gone: what all that decides its credit hashes to, and whether that is
-- something else than its credit was computed from. Models, seeds and rules are no part of it: where they change,
-- every incremental model is built again.
with
    conversions as (select * from {{ ref("int_conversions_netted") }}),

    owners as (select * from {{ ref("int_attribution_owners") }}),

    -- Numbers of channels stand in paths that are kept, and all change with a new channel.
    channels as (
        select coalesce(sum({{ row_hash("codes") }}), 0) as channels_hash
        from {{ ref("int_attribution_channel_codes") }} as codes
    ),

    credited as (select * from {{ source("known", "credited") }}),

    -- A touch after the last conversion of its person is on no path yet.
    reaches as (
        select owners.person_id, max(conversions.converted_at) as last_converted_at
        from owners
        inner join conversions using (conversion_id)
        group by owners.person_id
    ),

    touches as (
        select
            touchpoints.touch_id,
            touchpoints.person_id,
            touchpoints.channel_id,
            touchpoints.campaign,
            touchpoints.touch_type,
            touchpoints.is_relationship,
            touchpoints.is_direct,
            touchpoints.touched_at
        from {{ ref("touchpoints") }} as touchpoints
        inner join
            reaches on reaches.person_id = touchpoints.person_id and reaches.last_converted_at >= touchpoints.touched_at
    ),

    people as (select person_id, sum({{ row_hash("touches") }}) as touches_hash from touches group by person_id),

    owned as (select owners.*, people.touches_hash from owners left join people using (person_id)),

    firms as (select conversion_id, sum({{ row_hash("owned") }}) as owners_hash from owned group by conversion_id),

    facts as (
        select conversions.*, firms.owners_hash, channels.channels_hash
        from conversions
        cross join channels
        left join firms using (conversion_id)
    ),

    current_hashes as (select conversion_id, {{ row_hash("facts") }} as input_hash from facts)

select
    conversion_id,
    current_hashes.input_hash,
    current_hashes.input_hash is distinct from credited.input_hash
    or not {{ is_kept("attribution_credits", "int_attribution_conversion_paths") }} as is_touched
from current_hashes
full join credited using (conversion_id)
