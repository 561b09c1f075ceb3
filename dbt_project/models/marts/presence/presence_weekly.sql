with
    said as (select * from {{ ref("int_brand_outputs_weekly") }}),

    brands as (select * from {{ ref("int_brands") }}),

    conversations as (
        select
            conversations.brand_id,
            conversations.network,
            {{ start_of("week", local_date("conversations.began_at", "brands.time_zone")) }} as week_start_date,
            count(*) as conversation_count,
            count(*) filter (has_brand) as joined_conversation_count,
            sum(alternation_count)::bigint as alternation_count
        from {{ ref("int_conversations_counted") }} as conversations
        inner join brands using (brand_id)
        group by all
    ),

    asked as (
        select
            brand_id,
            network,
            week_start_date,
            count(*) as asked_post_count,
            count(*) filter (not is_any_answered) as monologue_post_count
        from {{ ref("int_posts_asked") }}
        group by all
    ),

    responses as (
        select
            brand_id,
            network,
            {{ start_of("week", "opened_date") }} as week_start_date,
            count(*) as turn_count,
            count(*) filter (is_mature) as mature_turn_count,
            count(*) filter (is_mature and is_answered_24h) as answered_24h_count,
            count(*) filter (is_business_mature) as business_mature_turn_count,
            count(*) filter (is_business_mature and is_answered_24_business_hours) as answered_24_business_hours_count,
            count(is_overdue) as due_turn_count,
            count(*) filter (is_overdue) as overdue_turn_count
        from {{ ref("responses") }}
        group by all
    ),

    waits as (
        select
            brand_id,
            network,
            week_start_date,
            {% for clock, prefix in [("calendar", ""), ("business", "business_")] -%}
                max(median_seconds) filter (clock = '{{ clock }}') as {{ prefix }}median_seconds,
                max(p90_seconds) filter (clock = '{{ clock }}') as {{ prefix }}p90_seconds,
            {%- endfor %}
        from {{ ref("response_survival_weekly") }}
        group by all
    )

select
    brand_id,
    network,
    week_start_date,
    {% for name in [
        "brand_post_count",
        "brand_reply_count",
        "brand_automated_count",
        "brand_output_count",
        "active_date_count",
        "people_spoken_to_count",
        "conversation_count",
        "joined_conversation_count",
        "alternation_count",
        "asked_post_count",
        "monologue_post_count",
        "turn_count",
        "mature_turn_count",
        "answered_24h_count",
        "business_mature_turn_count",
        "answered_24_business_hours_count",
        "due_turn_count",
        "overdue_turn_count",
    ] -%}
        coalesce({{ name }}, 0) as {{ name }},
    {% endfor -%}
    brand_post_count / nullif(brand_output_count, 0) as broadcast_ratio,
    monologue_post_count / nullif(asked_post_count, 0) as monologue_share,
    alternation_count / nullif(conversation_count, 0) as conversation_depth,
    joined_conversation_count / nullif(conversation_count, 0) as participation_share,
    answered_24h_count / nullif(mature_turn_count, 0) as response_rate_24h,
    answered_24_business_hours_count / nullif(business_mature_turn_count, 0) as response_rate_24_business_hours,
    overdue_turn_count / nullif(due_turn_count, 0) as overdue_share,
    median_seconds,
    p90_seconds,
    business_median_seconds,
    business_p90_seconds,
    longest_silence_hours
from said
full join conversations using (brand_id, network, week_start_date)
full join asked using (brand_id, network, week_start_date)
full join responses using (brand_id, network, week_start_date)
left join waits using (brand_id, network, week_start_date)
