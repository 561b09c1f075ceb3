{#- A view, replaced in one transaction; see the table. -#}
{% materialization view, adapter="duckdb" %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set target_relation = this.incorporate(type="view") -%}

    {{ run_hooks(pre_hooks) }}

    {% call statement("main") -%}
        {%- if existing is not none %} drop {{ existing.type }} {{ existing }}; {%- endif %}
        {{ get_create_view_as_sql(target_relation, sql) }}
    {%- endcall %}

    {% do persist_docs(target_relation, model) %}
    {{ run_hooks(post_hooks) }}
    {% do adapter.commit() %}
    {{ return({"relations": [target_relation]}) }}
{% endmaterialization %}
