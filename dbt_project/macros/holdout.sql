{#-
    Who was put into which arm, by the id that the person had then. Private, outside of all models, and only ever added
    to: written by a hook in the transaction that publishes the assignment.
-#}
{% macro remember_holdouts() -%}
    {%- if execute -%}
        insert into known.holdouts
        select experiment_id, person_id, arm, assignment_fraction, assigned_at, first_item_id
        from {{ this }}
        anti join known.holdouts as remembered using (experiment_id, person_id)
    {%- endif -%}
{%- endmacro %}

{#- The first 8 bytes of the MD5 of a text as a fraction of all that 8 bytes can be, 0..1. -#}
{% macro keyed_fraction(text) -%}
    (cast('0x' || left(md5({{ text }}), 16) as ubigint) / 18446744073709551616.0)
{%- endmacro %}
