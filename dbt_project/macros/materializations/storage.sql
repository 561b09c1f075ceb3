{#-
    In a large warehouse, whose models are built one at a time, tables on the way to the marts are written as they are:
    each is read once or twice, and finding out how to compress it takes longer than writing it. Marts are compressed,
    and published so.
-#}
{% macro plain_storage() -%}
    {%- if target.threads == 1 -%} set force_compression = 'uncompressed' {%- endif -%}
{%- endmacro %}

{% macro usual_storage() -%} {%- if target.threads == 1 -%} reset force_compression {%- endif -%} {%- endmacro %}
