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
        from {{ ref("int_turns_timed") }}
        {% if is_incremental() -%} where conversation_id in (from touched_responses) {%- endif %}
    ),

    brands as (select * from {{ ref("int_brands") }}),

    horizons as (select * from {{ ref("int_reply_horizons") }}),

    intervals as (select * from {{ ref("int_business_intervals") }}),

    -- A target that ends with the working day is due that evening, not next morning.
    due as (
        select turns.turn_id, intervals.opens_at + to_microseconds(turns.due_clock - intervals.clock_before) as due_at
        from (select turn_id, brand_id, due_clock from turns where has_hours) as turns
        asof inner join intervals on intervals.brand_id = turns.brand_id and intervals.clock_before < turns.due_clock
    ),

    timed as (
        select
            turns.*,
            {{ local_date("turns.opened_at", "brands.time_zone") }} as opened_date,
            {{ in_seconds("epoch_us(turns.first_human_at) - epoch_us(turns.opened_at)") }} as response_seconds,
            {{ in_seconds("turns.answered_clock - turns.opened_clock") }} as business_seconds,
            horizons.observed_until,
            coalesce(turns.opened_at <= horizons.mature_until, false) as is_mature,
            coalesce(turns.opened_at <= horizons.business_mature_until, false) as is_business_mature,
            case when turns.has_hours then due.due_at else make_timestamptz(turns.due_clock) end as due_at
        from turns
        inner join brands using (brand_id)
        left join horizons using (brand_id)
        left join due on due.turn_id = turns.turn_id
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
    business_seconds::double as business_seconds,
    (business_seconds / 60)::double as business_minutes,
    first_human_at is not null as is_answered,
    coalesce(first_human_at <= opened_at + {{ one_day() }}, false) as is_answered_24h,
    coalesce(answered_clock <= opened_clock + {{ one_day_microseconds() }}, false) as is_answered_24_business_hours,
    is_mature,
    is_business_mature,
    due_at,
    {{ is_overdue("due_at", "first_human_at", "observed_until") }} as is_overdue
from timed
