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
