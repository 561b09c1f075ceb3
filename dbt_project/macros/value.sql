{#-
    Worth of one referral to who made it, minor units (Kumar, Petersen and Leone 2010): of a customer who would not have
    come anyway the margin counts, of the others what it costs to win one; less the reward. `caused`: share of the former.
-#}
{% macro referral_value(caused) -%}
    cast(
        coalesce(
            round(discount_factor * (margin_minor * {{ caused }} + acquisition_cost_saved_minor * (1 - {{ caused }}))),
            0
        ) as bigint
    )
    - reward_paid_minor
{%- endmacro %}
