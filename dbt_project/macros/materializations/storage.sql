{#-
    In a large warehouse tables on the way to the marts are written as they are: each is read once or twice, and finding
    out how to compress it takes longer than writing it. Marts are compressed, and published so.
-#}
{% macro plain_storage() -%}
    {%- if env_var("ROR_MODELS_AT_ONCE", "2") == "1" -%} set force_compression = 'uncompressed' {%- endif -%}
{%- endmacro %}

{% macro usual_storage() -%}
    {%- if env_var("ROR_MODELS_AT_ONCE", "2") == "1" -%} reset force_compression {%- endif -%}
{%- endmacro %}
