{#- Rows for which an expression over several columns is not true. -#}
{% test accepted_combination(model, expression) %}
    select * from {{ model }} where ({{ expression }}) is distinct from true
{% endtest %}
