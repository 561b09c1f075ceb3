{#-
    Microseconds of business time that a brand has had at an instant: a clock that stands still while it is closed.
    `day`: the row of `int_business_days` joined by `business_day`, without one the brand is open always and its clock
    is the calendar.
-#}
{% macro business_clock(instant, day) -%}
    case
        when {{ day }}.brand_id is null
        then epoch_us({{ instant }})
        else
            {{ day }}.clock_before + cast(
                coalesce(
                    list_sum(
                        list_transform(
                            {{ day }}.open_times,
                            lambda open_time:least(
                                greatest(epoch_us({{ instant }}) - open_time.opens_at, 0), open_time.length
                            )
                        )
                    ),
                    0
                ) as bigint
            )
    end
{%- endmacro %}

{#- The date whose row of `int_business_days` tells the clock at an instant: the clock stands still before and after. -#}
{% macro business_day(instant, hours) -%}
    greatest(least({{ utc_day("epoch_us(" ~ instant ~ ")") }}, {{ hours }}.last_utc_day), {{ hours }}.first_utc_day)
{%- endmacro %}

{#- Days since 1970 of microseconds since then. -#}
{% macro utc_day(microseconds) -%} {{ whole_quotient(microseconds, one_day_microseconds()) }} {%- endmacro %}

{#- Instants of local clock times HH:MM on a date; 24:00 is the next midnight. -#}
{% macro local_instant(date, clock_time, time_zone) -%}
    timezone(
        {{ time_zone }},
        {{ date }}::timestamp + to_minutes(
            cast(split_part({{ clock_time }}, ':', 1) as integer) * 60
            + cast(split_part({{ clock_time }}, ':', 2) as integer)
        )
    )
{%- endmacro %}

{#- What a reply has time for, where nothing else is said. -#}
{% macro one_day() -%} interval 24 hours {%- endmacro %}

{#- The same in microseconds. -#}
{% macro one_day_microseconds() -%} 86400000000 {%- endmacro %}

{#- Whether what a person writes begins a new turn: more than five minutes lie before it. -#}
{% macro is_silence(earlier, later) -%} epoch_us({{ later }}) - epoch_us({{ earlier }}) > 300000000 {%- endmacro %}

{#- Microseconds as seconds. -#}
{% macro in_seconds(microseconds) -%} (({{ microseconds }}) / 1000000) {%- endmacro %}

{#- No human answered in time; NULL: nothing is due, or it may still be answered in time. -#}
{% macro is_overdue(due_at, first_human_at, observed_until) -%}
    case
        when {{ first_human_at }} <= {{ due_at }}
        then false
        when {{ first_human_at }} > {{ due_at }} or {{ due_at }} < {{ observed_until }}
        then true
    end
{%- endmacro %}
