{#- What a row says in 64 bits. `row`: the name of a relation. Equal rows hash alike; sums of hashes know no order. -#}
{% macro row_hash(row) -%} hash({{ row }}) {%- endmacro %}

{#- The value below which a share of the rows lies, interpolated. -#}
{% macro percentile(value, share) -%} quantile_cont({{ value }}, {{ share }}) {%- endmacro %}

{#- Two-sided 95 % point of the normal distribution. -#}
{% macro z_95() -%} 1.959963984540054 {%- endmacro %}

{#- Weeks 1 … count, each at the discount of its time; the yearly rate is a setting. -#}
{% macro discounted_weeks(count) -%}
    {%- set weekly = (1 + env_var("ROR_ANNUAL_DISCOUNT_RATE", "0.1") | float) ** (-1 / 52) -%}
    {{ weekly * (1 - weekly**count) / (1 - weekly) if weekly < 1 else count }}
{%- endmacro %}

{#- What comes so many days later is worth, as a factor; the yearly rate is a setting. -#}
{% macro discount_over_days(days) -%}
    power({{ 1 + env_var("ROR_ANNUAL_DISCOUNT_RATE", "0.1") | float }}, - {{ days }} / 365.0)
{%- endmacro %}

{#-
    Two-sided p-value of a standard normal statistic. The error function after Abramowitz and Stegun 7.1.26, absolute
    error below 1.5e-7.
-#}
{% macro two_sided_p(z) -%}
    {%- set x -%} (abs({{ z }}) / sqrt(2.0)) {%- endset -%}
    {%- set t -%} (1 / (1 + 0.3275911 * {{ x }})) {%- endset -%}
    (
        {{ t }} * (
            0.254829592
            + {{ t }} * (-0.284496736 + {{ t }} * (1.421413741 + {{ t }} * (-1.453152027 + {{ t }} * 1.061405429)))
        )
        * exp(-{{ x }} * {{ x }})
    )
{%- endmacro %}

{#- Statistic of the difference of two shares with a pooled variance; NULL where both are all or nothing. -#}
{% macro two_shares_z(hits, trials, other_hits, other_trials) -%}
    (
        ({{ hits }} / nullif({{ trials }}, 0) - {{ other_hits }} / nullif({{ other_trials }}, 0)) / nullif(
            sqrt(
                (({{ hits }} + {{ other_hits }}) / nullif({{ trials }} + {{ other_trials }}, 0))
                * (1 - ({{ hits }} + {{ other_hits }}) / nullif({{ trials }} + {{ other_trials }}, 0))
                * (1 / nullif({{ trials }}, 0) + 1 / nullif({{ other_trials }}, 0))
            ),
            0
        )
    )
{%- endmacro %}

{#-
    Sum of doubles that does not depend on their order: as whole multiples of 2^-bits. With 80 bits exact for all
    doubles between 2^-27 and 2^46, with 60 bits up to 2^66. `window`: of a window function; without it an aggregate.
-#}
{% macro exact_sum(value, window=none, bits=80) -%}
    {%- set unit = 2**bits -%}
    (
        cast(
            sum(cast({{ value }} * {{ unit }}.0 as hugeint)) {%- if window %} over ({{ window }}) {%- endif %} as double
        )
        / {{ unit }}.0
    )
{%- endmacro %}

{#- Sum of numbers with at most six decimals, the same in any order. -#}
{% macro sum_of_scores(value) -%}
    (cast(sum(cast(round({{ value }} * 1000000) as bigint)) as bigint) / 1000000.0)
{%- endmacro %}

{#- A share as whole billionths: whole numbers add up the same in any order. -#}
{% macro billionths(value) -%} cast(round(({{ value }}) * 1000000000) as bigint) {%- endmacro %}

{#- A whole number divided by another, towards zero. sqlfmt takes the operator for a comment. -#}
{% macro whole_quotient(number, divisor) -%} divide({{ number }}, {{ divisor }}) {%- endmacro %}

{#-
    Kaplan and Meier's product limit, and Greenwood's sum for its variance. `ended`: a relation with one row per group
    and time, `event_count` that had the event then and `leaving_count` that were watched no longer. Whoever leaves at
    the time of an event is at risk at it. Adds `at_risk_count, survival, greenwood_sum`.
-#}
{% macro product_limit(ended, groups, time) -%}
    select
        *,
        product(1 - event_count / at_risk_count) over steps as survival,
        sum(event_count / nullif(at_risk_count * (at_risk_count - event_count), 0)) over steps as greenwood_sum
    from
        (
            select
                *,
                cast(
                    sum(leaving_count) over (
                        partition by {{ groups }} order by {{ time }} desc rows unbounded preceding
                    ) as double
                ) as at_risk_count
            from {{ ended }}
        ) as at_risk
    window steps as (partition by {{ groups }} order by {{ time }} rows unbounded preceding)
{%- endmacro %}
