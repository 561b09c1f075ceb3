{#- Calendar date of an instant in a time zone; the session itself is in UTC, so that zone needs no conversion. -#}
{% macro local_date(instant, time_zone) -%}
    if({{ time_zone }} = 'UTC', {{ instant }}::date, timezone({{ time_zone }}, {{ instant }})::date)
{%- endmacro %}

{#- Instant at which a local date begins in a time zone. -#}
{% macro local_midnight(date, time_zone) -%} timezone({{ time_zone }}, {{ date }}::timestamp) {%- endmacro %}
