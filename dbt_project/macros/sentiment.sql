{#- Key of a text's score: of the text and of the language that its source states. The scorer computes the same. -#}
{% macro content_hash(text, language) -%}
    left(sha256({{ text }} || chr(31) || coalesce(nullif(nullif(lower(trim({{ language }})), ''), 'und'), '')), 32)
{%- endmacro %}

{#- The probability of the likeliest label, and what it has more than the second. -#}
{% macro confidence() -%} greatest(p_neg, p_neu, p_pos) {%- endmacro %}

{% macro margin() -%}(greatest(p_neg, p_neu, p_pos) - list_sort([p_neg, p_neu, p_pos])[2]) {%- endmacro %}

{#- The likeliest label, or `unscored` where it is too little sure. -#}
{% macro label_of_score() -%}
    case
        when p_pos is null or not {{ is_sure() }}
        then 'unscored'
        when p_neg = {{ confidence() }}
        then 'neg'
        when p_neu = {{ confidence() }}
        then 'neu'
        else 'pos'
    end
{%- endmacro %}

{#- Whether the likeliest label is likely enough, and far enough from the second. -#}
{% macro is_sure() -%}
    (
        {{ confidence() }} >= {{ var("sentiment_least_confidence") }}
        and {{ margin() }} >= {{ var("sentiment_least_margin") }}
    )
{%- endmacro %}

{#- Of the scores of each text in a relation the one of the version that is served first. -#}
{% macro served_scores(texts, content_hash="content_hash") -%}
    select scores.*
    from {{ source("scoring", "message_scores") }} as scores
    inner join {{ source("scoring", "versions") }} as versions using (score_version)
    semi join {{ texts }} as texts on texts.{{ content_hash }} = scores.content_hash
    qualify row_number() over (partition by scores.content_hash order by versions.preference, scores.batch) = 1
{%- endmacro %}

{#- What the scorer has written so far, and which versions are served, in their order. -#}
{% macro scoring_state() -%}
    select
        (select coalesce(max(batch), 0) from {{ source("scoring", "message_scores") }}) as batch,
        (
            select coalesce(string_agg(score_version, ' ' order by preference), '')
            from {{ source("scoring", "versions") }}
        ) as versions
{%- endmacro %}

{#- Hook in the transaction of a model that shows scores: it has now taken in all there are. -#}
{% macro record_taken_batches() -%}
    {%- if execute -%}
        delete from {{ source("scoring", "taken_batches") }}
        where model = '{{ this.name }}'
        ;
        insert into {{ source("scoring", "taken_batches") }}
        select '{{ this.name }}', batch, versions
        from ({{ scoring_state() }}) as state
        ;
    {%- endif -%}
{%- endmacro %}

{#-
    Messages whose sentiment may have changed: they did themselves, their text has a new score, a person labelled it or
    no longer does. All, when other versions are served than before.
-#}
{% macro touched_sentiments() -%}
    with
        taken as (
            select max(batch) as batch, max(versions) as versions
            from {{ source("scoring", "taken_batches") }}
            where model = '{{ this.name }}'
        ),

        changed_hashes as (
            select content_hash
            from {{ source("scoring", "message_scores") }}
            where batch > (select batch from taken)
            union
            select content_hash
            from {{ ref("int_sentiment_labels") }}
        )
    select message_id
    from {{ ref("int_messages_enriched") }}
    where load_id in ({{ unabsorbed_loads() }})
    union
    select message_id
    from {{ ref("int_messages_identified") }}
    semi join changed_hashes using (content_hash)
    union
    select message_id
    from {{ this }}
    where
        label_origin = 'human'
        or (select versions from taken) is distinct from (select versions from ({{ scoring_state() }}) as state)
{%- endmacro %}

{#- Clauses of a text: sentences, lines, and what follows a word of contrast. The scorer splits alike. -#}
{% macro clauses(text) -%}
    regexp_extract_all(
        regexp_replace(
            {{ text }},
            '(?i)\s(ma|però|but|however|но|однако|зато|pero|sin embargo|aber|jedoch|mais|mas|porém)\s',
            chr(10) || '\1 ',
            'g'
        ),
        '(?s).+?(?:[.!?…;]+\s+|\n+|$)'
    )
{%- endmacro %}

{#- Topics by language and what names them, a word or the beginning of words followed by `*`, in lower case. -#}
{% macro usable_topics(seed) -%}
    select topic, lang, lower(trim(pattern)) as pattern
    from {{ seed }}
    where regexp_matches(pattern, '^\s*[\p{L}\p{N}_]+\*?\s*$')
{%- endmacro %}

{#-
    Beginnings of all words that name a topic in any language, as alternatives of a regular expression: a constant,
    because DuckDB compiles an expression that comes from a table again for every row.
-#}
{% macro beginnings_of_topics() -%}
    {%- set topics = adapter.get_relation(target.database, "reference", "sentiment_topics") if execute -%}
    {%- set beginnings = [] -%}
    {%- if topics -%}
        {%- set query -%}
            select distinct rtrim(pattern, '*') from ({{ usable_topics(topics) }}) as patterns order by 1
        {%- endset -%}
        {%- do beginnings.extend(run_query(query).columns[0].values()) -%}
    {%- endif -%}
    {{- return("(?:" ~ (beginnings | join("|") or "[^\\s\\S]") ~ ")") -}}
{%- endmacro %}

{#- Whether a text may name a topic: a word of it begins like one that does. -#}
{% macro names_a_topic(text) -%}
    regexp_matches(lower({{ text }}), '(?:^|[^\p{L}\p{N}]){{ beginnings_of_topics() }}')
{%- endmacro %}

{#- The words of a text that begin like one that names a topic, in lower case. -#}
{% macro words_of_topics(text) -%}
    regexp_extract_all(lower({{ text }}), '(?:^|[^\p{L}\p{N}])({{ beginnings_of_topics() }}[\p{L}\p{N}]*)', 1)
{%- endmacro %}
