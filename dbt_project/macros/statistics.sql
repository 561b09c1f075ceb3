{#- The value below which a share of the rows lies, interpolated. -#}
{% macro percentile(value, share) -%} quantile_cont({{ value }}, {{ share }}) {%- endmacro %}

{#- Two-sided 95 % point of the normal distribution. -#}
{% macro z_95() -%} 1.959963984540054 {%- endmacro %}

{#- Weeks 1 … count, each at the discount of its time; the yearly rate is a setting. -#}
{% macro discounted_weeks(count) -%}
    {%- set weekly = (1 + env_var("ROR_ANNUAL_DISCOUNT_RATE", "0.1") | float) ** (-1 / 52) -%}
    {{ weekly * (1 - weekly**count) / (1 - weekly) if weekly < 1 else count }}
{%- endmacro %}
