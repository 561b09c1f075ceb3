{#-
    Microseconds of business time that a brand has had at an instant: a clock that stands still while it is closed.
    `interval`: the row of `int_business_intervals` with the latest opening not after the instant (an ASOF left join).
    A brand without business hours is open always: its clock is the calendar.
-#}
{% macro business_clock(instant, interval, has_hours) -%}
    case
        when not {{ has_hours }}
        then epoch_us({{ instant }})
        when {{ instant }} is not null
        then
            coalesce(
                {{ interval }}.clock_before + least(
                    epoch_us({{ instant }}) - epoch_us({{ interval }}.opens_at), {{ interval }}.interval_microseconds
                ),
                0
            )
    end
{%- endmacro %}

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
