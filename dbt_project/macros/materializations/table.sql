{#-
    A table, replaced in one transaction. Readers never see the build file, so it is made in place: dbt's own way, a
    second table that takes the first one's name, costs three more statements a model, a third of a small night.
-#}
{% materialization table, adapter="duckdb" %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type="table") -%}

    {{ run_hooks(pre_hooks) }}

    {% call statement("main") -%}
        {%- if existing is not none %} drop {{ existing.type }} {{ existing }}; {%- endif %}
        {{ create_table_as(False, target_relation, compiled_code) }}
    {%- endcall %}

    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}
