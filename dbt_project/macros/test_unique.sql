{#-
    Values that occur more than once. Numbers group faster than texts, so only values whose hash occurs twice are
    compared as they are.
-#}
{% macro duckdb__test_unique(model, column_name) %}
    with
        suspects as (
            select hash({{ column_name }}) as value_hash
            from {{ model }}
            where {{ column_name }} is not null
            group by value_hash
            having count(*) > 1
        )
    select {{ column_name }} as unique_field, count(*) as n_records
    from {{ model }}
    where {{ column_name }} is not null and hash({{ column_name }}) in (select value_hash from suspects)
    group by {{ column_name }}
    having count(*) > 1
{% endmacro %}
