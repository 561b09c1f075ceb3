{#- Rows in which one of several columns is empty: one test for a table that is read once. -#}
{% test not_null_columns(model, columns) %}
    select * from {{ model }} where {{ columns | map("string") | join(" is null or ") }} is null
{% endtest %}
