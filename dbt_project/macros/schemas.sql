{#- Schemas are called exactly as configured: what one types in SQL is the name in the project. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or "staging") | trim }}
{%- endmacro %}
