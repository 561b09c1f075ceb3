{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_responses', touched_responses()) }}",
            "{{ delete_noted('conversation_id in (from touched_responses)') }}",
        ],
    )
}}

with
    turns as (
        select *
        from {{ ref("int_turns") }}
        where needs_reply {% if is_incremental() -%} and conversation_id in (from touched_responses) {%- endif %}
    ),

    brands as (select * from {{ ref("int_brands") }}),

    windows as (select * from {{ ref("int_observation_windows") }} where domain = 'messages'),

    timed as (
        select
            turns.*,
            {{ local_date("turns.opened_at", "brands.time_zone") }} as opened_date,
            epoch(turns.first_human_at) - epoch(turns.opened_at) as response_seconds,
            {{ is_mature("turns.opened_at") }} as is_mature
        from turns
        inner join brands using (brand_id)
        left join windows using (brand_id)
    )

select
    turn_id as response_id,
    brand_id,
    network,
    account_id,
    person_id,
    conversation_id,
    opened_at,
    opened_date,
    message_count::bigint as message_count,
    missing_parent_count::bigint as missing_parent_count,
    first_bot_at,
    first_human_at,
    agent_id,
    response_seconds::double as response_seconds,
    (response_seconds / 60)::double as response_minutes,
    first_human_at is not null as is_answered,
    coalesce(response_seconds <= 24 * 60 * 60, false) as is_answered_24h,
    coalesce(is_mature, false) as is_mature
from timed
