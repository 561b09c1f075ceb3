{#- The id of the person who is called after an identifier. -#}
{% macro person_id(identifier) -%} 'p_' || md5({{ identifier }})[:16] {%- endmacro %}
