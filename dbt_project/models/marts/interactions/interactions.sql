{{
    config(
        materialized="incremental",
        incremental_strategy="delete+insert",
        unique_key="interaction_id",
    )
}}

with
    messages as (select * from {{ ref("int_messages_enriched") }}),

    posts as (select * from {{ every("posts") }}),

    brands as (select * from {{ ref("int_brands") }}),

    {% if is_incremental() -%}
        new_loads as ({{ unabsorbed_loads() }}),

        changed_posts as (select post_id from posts semi join new_loads using (load_id)),
    {%- endif %}

    message_acts as (
        select
            messages.message_id as interaction_id,
            'message' as act_group,
            messages.message_kind as act,
            messages.network,
            messages.brand_id,
            messages.account_id,
            coalesce(messages.person_id, messages.target_person_id) as person_id,
            messages.conversation_id,
            messages.post_id,
            messages.direction,
            messages.sent_at as occurred_at,
            messages.is_public,
            messages.is_meaningful,
            coalesce(posts.is_paid, false) as is_paid,
            messages.is_automated or messages.is_bot as is_automated,
            messages.is_brand_actor or messages.direction = 'outbound' as is_by_brand,
            messages.is_deleted
        from messages
        left join posts using (post_id)
        {%- if is_incremental() %}
            where
                messages.load_id in (select load_id from new_loads)
                or messages.post_id in (select post_id from changed_posts)
        {%- endif %}
    ),

    acts as (
        select *
        from message_acts
        union all
        select *
        from {{ ref("int_post_and_reaction_acts") }}
    ),

    dated as (
        select acts.*, {{ local_date("acts.occurred_at", "brands.time_zone") }} as occurred_date
        from acts
        inner join brands using (brand_id)
    )

select
    interaction_id,
    act_group,
    act,
    network,
    brand_id,
    account_id,
    person_id,
    conversation_id,
    post_id,
    direction,
    occurred_at,
    occurred_date,
    is_public,
    is_meaningful,
    is_paid,
    is_automated,
    is_by_brand,
    is_deleted
from dated
{%- if is_incremental() %}
    -- Posts and reactions depend on lookups of others: all are computed, those that differ are
    -- written.
    except
    select *
    from {{ this }}
    where act_group <> 'message'
{%- endif %}
