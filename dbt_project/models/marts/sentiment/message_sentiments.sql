{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_sentiments', touched_sentiments()) }}",
            "{{ delete_noted('message_id in (from touched_sentiments)') }}",
        ],
        post_hook=["{{ record_taken_batches() }}"],
    )
}}

-- depends_on: {{ ref("int_sentiment_labels") }}
with
    messages as (
        select *
        from {{ ref("int_messages_enriched") }}
        where
            direction = 'inbound' and not (is_brand_actor or is_bot)
            {%- if is_incremental() %} and message_id in (from touched_sentiments) {%- endif %}
    ),

    identified as (
        select message_id, content_hash
        from {{ ref("int_messages_identified") }}
        {%- if is_incremental() %} where message_id in (from touched_sentiments) {%- endif %}
    ),

    labels as (select * from {{ ref("int_sentiment_labels") }}),

    brands as (select * from {{ ref("int_brands") }}),

    scores as ({{ served_scores("identified") }}),

    reasoned as (
        select
            messages.message_id,
            messages.conversation_id,
            messages.person_id,
            messages.brand_id,
            messages.network,
            messages.sent_at,
            messages.is_deleted,
            scores.* exclude (content_hash),
            labels.label as human_label,
            {{ confidence() }} as confidence,
            -- The first that holds.
            case
                when messages.is_deleted
                then 'purged'
                when identified.content_hash is null
                then 'empty'
                when scores.content_hash is null
                then 'not_yet_scored'
                when scores.unscored_reason is not null
                then scores.unscored_reason
                when {{ is_sure() }}
                then null
                when scores.lang = 'und'
                then 'undetermined_language'
                else 'low_confidence'
            end as reason
        from messages
        inner join identified using (message_id)
        left join scores using (content_hash)
        left join labels using (content_hash)
    )

select
    message_id,
    conversation_id,
    person_id,
    brand_id,
    network,
    coalesce(lang, 'und') as lang,
    sent_at,
    {{ local_date("reasoned.sent_at", "brands.time_zone") }} as sent_date,
    case
        when reason = 'purged'
        then 'unscored'
        when human_label is not null
        then human_label
        when reason is not null
        then 'unscored'
        else {{ label_of_score() }}
    end as label,
    if(human_label is not null and not is_deleted, 'human', 'model') as label_origin,
    if(human_label is not null and not is_deleted, null, reason) as unscored_reason,
    round(p_pos - p_neg, 6) as score,
    p_neg,
    p_neu,
    p_pos,
    confidence,
    engine,
    score_version,
    coalesce(is_speech_act, false) as is_speech_act,
    coalesce(is_question, false) as is_question,
    is_deleted
from reasoned
inner join brands using (brand_id)
