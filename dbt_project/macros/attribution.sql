{#- The list 1 … count. -#}
{% macro numbers_up_to(count) -%} range(1, {{ count }} + 1) {%- endmacro %}

{#- A weight of up to 2^-53 changes no sum of weights: it is 0. Above it, only a lone touch has weight 1. -#}
{% macro smallest_weight() -%} power(2, -53) {%- endmacro %}
