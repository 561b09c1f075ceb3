{#- The value of a key of a JSON object as text; the key is a word, or a column that holds it. -#}
{% macro json_text(object, key, is_column=false) -%}
    {%- if is_column -%} json_extract_string({{ object }}, '$."' || {{ key }} || '"')
    {%- else -%} json_extract_string({{ object }}, '$.{{ key }}')
    {%- endif -%}
{%- endmacro %}

{#- One row per key of a JSON object. -#}
{% macro json_keys(object) -%} unnest(json_keys({{ object }})) {%- endmacro %}
