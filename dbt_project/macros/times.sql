{#-
    Calendar date of an instant in a time zone. DuckDB looks a zone up once for a constant, but again for every row of
    a column, which takes ten times as long: so the zones of the brands are written out.
-#}
{% macro local_date(instant, time_zone) -%}
    case
        {{ time_zone }}
        when 'UTC'
        then {{ utc_date(instant) }}
        {%- for zone in brand_zones() %}
            when '{{ zone }}' then timezone('{{ zone }}', {{ instant }})::date
        {%- endfor %}
        else timezone({{ time_zone }}, {{ instant }})::date
    end
{%- endmacro %}

{#- Time zones of the brands beside UTC, as they are when the model is built. -#}
{% macro brand_zones() -%}
    {%- set brands = adapter.get_relation(target.database, "reference", "brands") if execute -%}
    {%- if brands -%}
        {%- set zones = run_query("select distinct time_zone from " ~ brands ~ " order by 1") -%}
        {{- return(zones.columns[0].values() | reject("equalto", "UTC") | list) -}}
    {%- endif -%}
    {{- return([]) -}}
{%- endmacro %}

{#- Instant at which a local date begins in a time zone. -#}
{% macro local_midnight(date, time_zone) -%} timezone({{ time_zone }}, {{ date }}::timestamp) {%- endmacro %}

{#- The date of an instant in UTC, without looking up a zone. -#}
{% macro utc_date(instant) -%} make_timestamp(epoch_us({{ instant }}))::date {%- endmacro %}

{#- The instant that an id of X was made at: since 2010 they begin with the milliseconds after 1288834974657. -#}
{% macro snowflake_time(id) -%} make_timestamptz((({{ id }}::bigint >> 22) + 1288834974657) * 1000) {%- endmacro %}
