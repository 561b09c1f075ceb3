with
    said as (
        select brand_id, agent_id, sent_at, target_person_id, is_automated
        from {{ ref("int_messages_enriched") }}
        where direction = 'outbound' and not is_deleted and agent_id is not null
    ),

    brands as (select * from {{ ref("int_brands") }}),

    agents as (select agent_id, role, is_bot from {{ every("agents") }} where not is_deleted),

    messages as (
        select
            said.brand_id,
            said.agent_id,
            {{ start_of("week", local_date("said.sent_at", "brands.time_zone")) }} as week_start_date,
            count(*) as message_count,
            count(distinct said.target_person_id) as people_count,
            bool_and(said.is_automated) as is_only_automated
        from said
        inner join brands using (brand_id)
        group by all
    ),

    answers as (
        select
            responses.brand_id,
            responses.agent_id,
            {{ start_of("week", local_date("responses.first_human_at", "brands.time_zone")) }} as week_start_date,
            count(*) as answered_turn_count,
            count(*) filter (responses.is_answered_24h) as answered_24h_count,
            count(responses.is_overdue) as due_turn_count,
            count(*) filter (responses.is_overdue) as overdue_turn_count,
            median(responses.response_seconds) as answered_median_seconds,
            median(responses.business_seconds) as answered_business_median_seconds
        from {{ ref("responses") }} as responses
        inner join brands using (brand_id)
        where responses.agent_id is not null
        group by all
    )

select
    brand_id,
    agent_id,
    week_start_date,
    agents.role,
    coalesce(agents.is_bot, messages.is_only_automated, false) as is_bot,
    coalesce(messages.message_count, 0) as message_count,
    coalesce(messages.people_count, 0) as people_count,
    coalesce(answers.answered_turn_count, 0) as answered_turn_count,
    coalesce(answers.answered_24h_count, 0) as answered_24h_count,
    answers.answered_24h_count / answers.answered_turn_count as prompt_answer_share,
    coalesce(answers.due_turn_count, 0) as due_turn_count,
    coalesce(answers.overdue_turn_count, 0) as overdue_turn_count,
    answers.overdue_turn_count / nullif(answers.due_turn_count, 0) as overdue_share,
    answers.answered_median_seconds,
    answers.answered_business_median_seconds,
    sum(coalesce(answers.answered_turn_count, 0)) over (partition by brand_id, week_start_date)::bigint
    as team_answered_turn_count
from messages
full join answers using (brand_id, agent_id, week_start_date)
left join agents using (agent_id)
