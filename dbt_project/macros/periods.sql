{#- Elapsed whole seconds between two instants; never counted boundaries. -#}
{% macro elapsed_seconds(earlier, later) -%}
    {{ whole_quotient("epoch_us(" ~ later ~ ") - epoch_us(" ~ earlier ~ ")", 1000000) }}
{%- endmacro %}

{#- Calendar days from one date to another. -#}
{% macro days_between(first_date, last_date) -%}
    cast({{ dbt.datediff(first_date, last_date, "day") }} as integer)
{%- endmacro %}

{#- Calendar months from the month of one date to the month of another. -#}
{% macro months_between(first_date, last_date) -%}
    cast({{ dbt.datediff(first_date, last_date, "month") }} as integer)
{%- endmacro %}

{#- First date of the month or ISO week (Monday) of a date. -#}
{% macro start_of(part, date) -%} cast({{ dbt.date_trunc(part, date) }} as date) {%- endmacro %}

{#- A date moved by whole days or months. -#}
{% macro moved_date(part, count, date) -%} cast({{ dbt.dateadd(part, count, date) }} as date) {%- endmacro %}

{#- Last date of the month that lies `count` months after the month of a date. -#}
{% macro last_date_of_month(count, date) -%}
    cast({{ dbt.last_day(dbt.dateadd("month", count, date), "month") }} as date)
{%- endmacro %}

{#- A product of shares that is exactly one half may come out a little above it. -#}
{% macro rounding() -%} 1e-12 {%- endmacro %}
