{{ config(materialized="incremental", incremental_strategy="append") }}

-- One row per clause of a text and topic that it names; each text is read once, however many messages say it. One that
-- nobody says any more stays, and no mart shows it.
-- `clause_hash` is empty where the clause is the whole text or too short to say anything by itself.
with
    patterns as ({{ usable_topics(ref("sentiment_topics")) }}),

    identified as (
        select content_hash, any_value(message_id) as message_id
        from {{ ref("int_messages_identified") }} as identified
        {%- if is_incremental() %} anti join {{ this }} as known using (content_hash) {%- endif %}
        where content_hash is not null {%- if is_incremental() %} and load_id in ({{ unabsorbed_loads() }}) {%- endif %}
        group by content_hash
    ),

    said as (
        select identified.content_hash, messages.language_hint, {{ clauses("messages.text") }} as clauses
        from {{ every("messages") }} as messages
        inner join identified using (message_id)
        where {{ names_a_topic("messages.text") }}
    ),

    pieces as (
        select
            content_hash,
            language_hint,
            len(clauses) > 1 as is_part,
            generate_subscripts(clauses, 1) as clause_number,
            trim(unnest(clauses)) as clause
        from said
    ),

    words as (
        select content_hash, clause_number, unnest(list_distinct({{ words_of_topics("clause") }})) as word from pieces
    ),

    vocabulary as (select distinct word from words),

    named as (
        select vocabulary.word, patterns.topic, patterns.lang
        from vocabulary
        inner join patterns on patterns.pattern = vocabulary.word
        union
        select vocabulary.word, patterns.topic, patterns.lang
        from vocabulary
        inner join patterns on starts_with(vocabulary.word, rtrim(patterns.pattern, '*'))
        where patterns.pattern like '%*'
    ),

    mentions as (
        select distinct words.content_hash, words.clause_number, named.topic, named.lang
        from words
        inner join named using (word)
    )

select
    mentions.content_hash,
    mentions.topic,
    mentions.lang,
    mentions.clause_number,
    if(
        pieces.is_part and len(regexp_extract_all(pieces.clause, '[\p{L}\p{N}]+')) >= 3,
        {{ content_hash("pieces.clause", "pieces.language_hint") }},
        null
    ) as clause_hash
from mentions
inner join pieces using (content_hash, clause_number)
