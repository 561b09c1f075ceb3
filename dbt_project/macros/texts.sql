{#- What a person wrote, without mentions, links, hashtags and emoji that hold letters or digits (keycaps, U+2139). -#}
{% macro own_words(text) -%}
    regexp_replace({{ text }}, '(https?://|www\.)\S+|[@#][\p{L}\p{N}_.]+|[0-9#*]\x{FE0F}?\x{20E3}|\x{2139}', ' ', 'gi')
{%- endmacro %}

{#-
    At least one word is left after mentions, links, hashtags and emoji. The first test only saves time: a letter
    after a blank is the beginning of a word unless that word is an address.
-#}
{% macro is_meaningful(text) -%}
    coalesce(
        case
            when regexp_matches({{ text }}, '(^|\s)[a-gi-vx-zA-GI-VX-Z]')
            then true
            else regexp_matches({{ own_words(text) }}, '[\p{L}\p{N}]')
        end,
        false
    )
{%- endmacro %}

{#- Words in lower case with one blank between them: the form in which short phrases are compared. -#}
{% macro plain_words(text) -%}
    trim(regexp_replace(lower({{ own_words(text) }}), '[^\p{L}\p{N}]+', ' ', 'g'))
{%- endmacro %}
