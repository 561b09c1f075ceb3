{#-
    CTEs that judge counts of negative messages by brand, language, unit (hour or day) and period: how far above the
    same hour of the week, or day of the week, of the eight weeks before; the last CTE is called `name`.

    Counts are compared as 2 sqrt(x + 3/8), Anscombe's root, whose spread is 1 for counts of any mean. `z`: what a count
    has above the mean of the weeks before, over the spread; the spread is that between weeks, over all hours of the
    week, but at least 1. Periods that are crises in the CTE `left_out` are no part of what is usual.
-#}
{% macro judged_counts(counted, name, left_out=none) -%}
    {%- set weeks, least_weeks, least_z, least_count = 8, 4, 4.5, 5 -%}
    {#- The root of no messages, and its square. -#}
    {%- set none_level, none_square = "(2 * sqrt(0.375))", 1.5 -%}
    {{ name }}_past as (
        select
            {{ counted }}.*, {{ "coalesce(" ~ left_out ~ ".is_crisis, false)" if left_out else "false" }} as is_left_out
        from {{ counted }} {{ "left join " ~ left_out ~ " using (brand_id, lang, unit, period)" if left_out }}
    ),

    {{ name }}_usual as (
        select
            brand_id,
            lang,
            unit,
            cycle,
            first_period,
            period + cycle * back.week as period,
            least({{ weeks }}, {{ whole_quotient("(period + cycle * back.week - first_period)", "cycle") }})
            - count(*) filter (is_left_out) as week_count,
            count(*) filter (not is_left_out) as seen_count,
            {{ exact_sum("if(is_left_out, 0, level)", bits=60) }} as level_sum,
            coalesce(sum(4 * negative_count + {{ none_square }}) filter (not is_left_out), 0) as square_sum,
            sum(negative_count) filter (not is_left_out) as negative_count,
            sum(scored_count) filter (not is_left_out) as scored_count,
            sum(text_count) filter (not is_left_out) as text_count
        from {{ name }}_past
        cross join (select unnest(range(1, {{ weeks + 1 }})) as week) as back
        group by brand_id, lang, unit, cycle, first_period, period + cycle * back.week
    ),

    {{ name }}_measured as (
        select
            *,
            (level_sum + (week_count - seen_count) * {{ none_level }}) / week_count as mean_level,
            greatest(
                (square_sum + (week_count - seen_count) * {{ none_square }} - week_count * mean_level * mean_level)
                / (week_count - 1),
                0
            ) as variance
        from {{ name }}_usual
        where week_count > 1
    ),

    {{ name }}_spread as (
        select
            brand_id,
            lang,
            unit,
            {{ whole_quotient("period", "cycle") }} as week,
            {{ exact_sum("variance", bits=60) }} / max(cycle) as variance
        from {{ name }}_measured
        group by all
    ),

    {{ name }} as (
        select
            counted.*,
            coalesce(
                usual.week_count,
                least({{ weeks }}, {{ whole_quotient("(counted.period - counted.first_period)", "counted.cycle") }})
            ) as known_week_count,
            known_week_count >= {{ least_weeks }} as is_known,
            (counted.level - coalesce(usual.mean_level, {{ none_level }}))
            / sqrt(greatest(coalesce(spread.variance, 1), 1) * (1 + 1.0 / nullif(known_week_count, 0))) as z,
            z >= {{ least_z }} and counted.negative_count >= {{ least_count }} as is_loud,
            -- Neither more of everything, nor less that could be scored.
            coalesce(
                counted.negative_count * usual.scored_count > usual.negative_count * counted.scored_count
                and 2 * counted.scored_count * usual.text_count >= usual.scored_count * counted.text_count,
                true
            ) as is_more_negative,
            is_known and is_loud and is_more_negative as is_crisis
        from {{ counted }} as counted
        left join {{ name }}_measured as usual using (brand_id, lang, unit, period)
        left join
            {{ name }}_spread as spread
            on spread.brand_id = counted.brand_id
            and spread.lang = counted.lang
            and spread.unit = counted.unit
            and spread.week = {{ whole_quotient("counted.period", "counted.cycle") }}
    )
{%- endmacro %}
