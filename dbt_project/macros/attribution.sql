{#- The list 1 … count. -#}
{% macro numbers_up_to(count) -%} range(1, {{ count }} + 1) {%- endmacro %}

{#- A weight of up to 2^-53 changes no sum of weights: it is 0. Above it, only a lone touch has weight 1. -#}
{% macro smallest_weight() -%} power(2, -53) {%- endmacro %}

{#- Aggregate: channel codes in the order of their numbers on the path. Sorting packed integers is faster than by key. -#}
{% macro codes_in_order(number, code) -%}
    list_transform(
        list_sort(list((cast({{ number }} as bigint) << 16) | {{ code }})),
        lambda packed:cast(packed & 65535 as usmallint)
    )
{%- endmacro %}

{#- A path without a touch. -#}
{% macro no_codes() -%} cast([] as usmallint[]) {%- endmacro %}

{#- Fold 0 to 4 of a person, the same on every machine. -#}
{% macro fold_of(id) -%} cast(('0x' || substr(md5({{ id }}), 1, 7))::bigint % 5 as integer) {%- endmacro %}

{#- Names of the channels of a path; `names` lists all by code. Never joined to one text: a name may hold any sign. -#}
{% macro labels_of(names, path) -%} list_transform({{ path }}, lambda code:{{ names }} [code + 1]) {%- endmacro %}

{#- Hash of a list of texts: lengths go in, so that no two lists share one. -#}
{% macro list_hash(texts) -%}
    md5(array_to_string(list_transform({{ texts }}, lambda text:length(text) || ':' || text), '|'))
{%- endmacro %}

{% macro list_length(values) -%} len({{ values }}) {%- endmacro %}

{#- Aggregate: places on a path with their weights, in path order. -#}
{% macro sorted_weights(touch_index, weight) -%}
    list_sort(list({'touch_index':cast({{ touch_index }} as bigint), 'weight':cast({{ weight }} as double)}))
{%- endmacro %}

{#- Parts of a whole in units of 2^-31: whoever comes first has the larger remainder or, of equal ones, the lower place. -#}
{% macro remainder_key(part, place) -%}
    ((cast((1 - ({{ part }} - floor({{ part }}))) * 2147483648 as bigint) << 31) | {{ place }})
{%- endmacro %}
