{#- Components of the score, in order. One without evidence has half its points and reliability 0. -#}
{% macro ror_components() -%}
    {{
        return(
            [
                "advocacy",
                "depth",
                "feedback",
                "loyalty",
                "recognition",
                "responsiveness",
                "sentiment",
                "two_way_contact",
            ]
        )
    }}
{%- endmacro %}

{#- What the weeks `known` up to the week `missing` are worth at its end. Parts of billionths, so that of what is years
    old enough digits are left for a ratio; whole numbers, so that no order of rows changes the sum. -#}
{% macro halved_sum(name, half_life_days) -%}
    {%- set parts = 2**60 -%}
    sum(
        cast(
            round(
                known.{{ name }}_billionths
                * {{ halved("7 * (missing.week_index - known.week_index)", half_life_days) }}
                * {{ parts }}.0
            ) as hugeint
        )
    )
    / {{ parts }}e9
{%- endmacro %}

{#- Frozen breakpoints that the purchases of `summed` pass, 0 to 12; a value on a breakpoint is in the lower quintile. -#}
{% macro quintiles_passed() -%}
    (
        {% for quintile in [1, 2, 3, 4] -%}
            cast(week_end_date - last_purchase_date - 1 < quintiles.recency_days[{{ quintile }}] as integer)
            + cast(purchase_count > quintiles.frequency_count[{{ quintile }}] as integer)
            + cast(revenue_minor > quintiles.monetary_minor[{{ quintile }}] as integer) {{ "+" if not loop.last }}
        {% endfor -%}
    )
{%- endmacro %}

{#- Points of a component in millionths. -#}
{% macro points_micro(weight, shrunk) -%} cast(round({{ weight }} * {{ shrunk }} * 1000000) as bigint) {%- endmacro %}

{#- Per component the place of the last calibrated value that is not above the measured one, 0 below the first: found by
    halving, up to 127 values. An ASOF join would sort everybody once per component. -#}
{% macro places_in_curves() -%}
    {% for component in ror_components() -%}
        {% set at = namespace(place="0") -%}
        {% for step in [64, 32, 16, 8, 4, 2, 1] -%}
            {% set to = component ~ ("_place" if loop.last else "_place_" ~ step) -%}
            {{ at.place }}
            + if({{ component }}_values[{{ at.place }} + {{ step }}] <= {{ component }}_raw, {{ step }}, 0) as {{ to }},
            {% set at.place = to -%}
        {% endfor -%}
    {% endfor -%}
{%- endmacro %}

{#- Per component its share between the two calibrated values around the measured one; null without evidence. -#}
{% macro norms_of_places() -%}
    {% for component in ror_components() -%}
        case
            when {{ component }}_raw is null
            then null
            when {{ component }}_place = 0
            then {{ component }}_shares[1]
            when {{ component }}_place = len({{ component }}_values)
            then {{ component }}_shares[{{ component }}_place]
            else
                {{ component }}_shares[{{ component }}_place]
                + ({{ component }}_shares[{{ component }}_place + 1] - {{ component }}_shares[{{ component }}_place])
                * ({{ component }}_raw - {{ component }}_values[{{ component }}_place])
                / ({{ component }}_values[{{ component }}_place + 1] - {{ component }}_values[{{ component }}_place])
        end as {{ component }}_norm,
    {% endfor -%}
{%- endmacro %}

{#- One component of a score as a row of its own. -#}
{% macro score_component(component) -%}
    {
        'component':'{{ component }}',
        'raw_value':cast({{ component }}_raw as double),
        'norm':cast({{ component }}_norm as double),
        'evidence_count':cast({{ component }}_count as double),
        'shrunk':cast({{ component }}_shrunk as double),
        'weight':{{ component }}_weight,
        'points_micro':{{ component }}_micro
    }
{%- endmacro %}

{#- The rows of one component only: of those of a score one tells whether all are there. -#}
{% macro is_first_component(component) -%} {{ component }} = '{{ ror_components() | first }}' {%- endmacro %}

{#- Scores of several people: everybody weighs the same. Those of whom too little is known are counted apart. -#}
{% macro ror_rollup() -%}
    count(*) as people_count,
    count(*) filter (scores.level <> 'unknown') as reliable_count,
    sum(scores.score_micro) / count(*) / 1e6 as mean_score,
    list_transform(
        quantile_disc(scores.score_micro, [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9]), micro -> micro / 1e6
    ) as deciles
{%- endmacro %}
