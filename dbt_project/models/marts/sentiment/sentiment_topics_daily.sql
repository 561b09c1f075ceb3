with
    messages as (select * from {{ ref("message_sentiments") }} where not is_deleted),

    identified as (select message_id, content_hash from {{ ref("int_messages_identified") }}),

    -- A word counts in its own language only.
    mentions as (
        select messages.*, mentions.topic, mentions.clause_hash
        from messages
        inner join identified using (message_id)
        inner join {{ ref("int_sentiment_mentions") }} as mentions using (content_hash, lang)
    ),

    scores as ({{ served_scores("mentions", "clause_hash") }}),

    clauses as (
        select content_hash as clause_hash, round(p_pos - p_neg, 6) as score, {{ label_of_score() }} as label
        from scores
    ),

    judged as (
        select
            mentions.brand_id,
            mentions.network,
            mentions.topic,
            mentions.sent_date,
            mentions.message_id,
            clauses.clause_hash is not null as is_by_clause,
            coalesce(clauses.label, mentions.label) as label,
            if(clauses.clause_hash is null, mentions.score, clauses.score) as score
        from mentions
        left join clauses using (clause_hash)
    )

select
    brand_id,
    network,
    topic,
    sent_date,
    count(*) as mention_count,
    count(distinct message_id) as message_count,
    count(*) filter (is_by_clause) as clause_scored_count,
    count(*) filter (label <> 'unscored') as scored_count,
    count(*) filter (label = 'pos') as pos_count,
    count(*) filter (label = 'neg') as neg_count,
    count(*) filter (label = 'neu') as neu_count,
    coalesce({{ sum_of_scores("if(label = 'unscored', 0, score)") }}, 0) as score_sum,
    (count(*) filter (label = 'pos') - count(*) filter (label = 'neg'))
    / nullif(count(*) filter (label <> 'unscored'), 0) as net_sentiment
from judged
group by all
