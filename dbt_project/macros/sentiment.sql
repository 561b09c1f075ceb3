{#- Key of a text's score: of the text and of the language that its source states. The scorer computes the same. -#}
{% macro content_hash(text, language) -%}
    left(sha256({{ text }} || chr(31) || coalesce(nullif(nullif(lower(trim({{ language }})), ''), 'und'), '')), 32)
{%- endmacro %}

{#- A whole number divided by another, rounded down. -#}
{% macro whole_quotient(number, divisor) -%} cast(floor({{ number }} / {{ divisor }}) as bigint) {%- endmacro %}

{#- The probability of the likeliest label, and what it has more than the second. -#}
{% macro confidence() -%} greatest(p_neg, p_neu, p_pos) {%- endmacro %}

{% macro margin() -%}(greatest(p_neg, p_neu, p_pos) - list_sort([p_neg, p_neu, p_pos])[2]) {%- endmacro %}

{#- Sum of numbers with at most six decimals, the same in any order. -#}
{% macro sum_of_scores(value) -%}
    (cast(sum(cast(round({{ value }} * 1000000) as bigint)) as bigint) / 1000000.0)
{%- endmacro %}

{#- Sum of weights up to 2^40, the same in any order: of whole multiples of 2^-60. -#}
{% macro sum_of_weights(value) -%}
    {%- set unit = 1152921504606846976 -%}
    (cast(sum(cast({{ value }} * {{ unit }}.0 as hugeint)) as double) / {{ unit }}.0)
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

{#- Messages whose topics may have changed: they did themselves. -#}
{% macro touched_mentions() -%}
    select message_id from {{ ref("int_messages_identified") }} where load_id in ({{ unabsorbed_loads() }})
{%- endmacro %}
