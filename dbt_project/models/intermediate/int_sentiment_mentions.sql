{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_mentions', touched_mentions()) }}",
            "{{ delete_noted('message_id in (from touched_mentions)') }}",
        ],
    )
}}

-- One row per clause of a person's message and topic that it names; `clause_hash` is empty where the clause is the
-- whole message or too short to say anything by itself.
with
    patterns as (
        select topic, lang, lower(trim(pattern)) as pattern
        from {{ ref("sentiment_topics") }}
        where regexp_matches(pattern, '^\s*[\p{L}\p{N}_]+\*?\s*$')
    ),

    identified as (
        select message_id
        from {{ ref("int_messages_identified") }}
        where content_hash is not null {%- if is_incremental() %} and message_id in (from touched_mentions) {%- endif %}
    ),

    said as (
        select message_id, language_hint, {{ clauses("text") }} as clauses
        from {{ every("messages") }}
        semi join identified using (message_id)
    ),

    pieces as (
        select
            message_id,
            language_hint,
            len(clauses) > 1 as is_part,
            generate_subscripts(clauses, 1) as clause_number,
            trim(unnest(clauses)) as clause
        from said
    ),

    words as (
        select
            message_id, clause_number, unnest(list_distinct(regexp_extract_all(lower(clause), '[\p{L}\p{N}]+'))) as word
        from pieces
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
        select distinct words.message_id, words.clause_number, named.topic, named.lang
        from words
        inner join named using (word)
    )

select
    mentions.message_id,
    mentions.topic,
    mentions.lang,
    mentions.clause_number,
    if(
        pieces.is_part and len(regexp_extract_all(pieces.clause, '[\p{L}\p{N}]+')) >= 3,
        {{ content_hash("pieces.clause", "pieces.language_hint") }},
        null
    ) as clause_hash
from mentions
inner join pieces using (message_id, clause_number)
