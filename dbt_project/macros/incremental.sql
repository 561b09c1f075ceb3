{#-
    Incremental models take in loads, not times: `ops.absorbed_loads` says which loads a model contains. It is
    written by a hook inside the transaction that writes the model's rows, so a killed build leaves both or neither,
    and the next build takes in exactly what is missing. A row without a load id says that the model was built at all.

    A model whose own SQL, or the SQL, seeds or macros it rests on, have changed since is built again in full.
-#}
{#- Creates the table of absorbed loads and says how every incremental model would be built today. -#}
{% macro prepare_absorbed_loads() -%}
    {%- if execute -%}
        {%- set files = env_var("DBT_PROJECT_DIR", ".") ~ "/macros/*.sql" -%}
        {%- set macros_hash = run_query(
            "select md5(string_agg(content, '' order by filename)) from read_text('" ~ files
            | replace("'", "''") ~ "')"
        ).columns[0][0] -%}
        create schema if not exists ops;
        create table if not exists ops.absorbed_loads (model varchar, load_id varchar, model_hash varchar);
        create or replace table ops.model_hashes (model varchar, model_hash varchar);
        {%- for node in graph.nodes.values() if node.config.materialized == "incremental" %}
            insert into ops.model_hashes values ('{{ node.name }}', '{{ model_hash(node, macros_hash) }}');
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}

{#- Hash over a model, everything it is made from, and all macros. -#}
{% macro model_hash(node, macros_hash) -%}
    {%- set seen = [node.unique_id] -%}
    {%- for unique_id in seen -%}
        {%- for parent in graph.nodes[unique_id].depends_on.nodes
            if parent in graph.nodes and parent not in seen -%}
            {%- do seen.append(parent) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set checksums = [macros_hash] -%}
    {%- for unique_id in seen | sort -%}
        {%- do checksums.append(unique_id ~ graph.nodes[unique_id].checksum.checksum) -%}
    {%- endfor -%}
    {{- local_md5(checksums | join(" ")) -}}
{%- endmacro %}

{#- Overrides dbt's own: an incremental model is also built in full when its hash is not the one it was built with. -#}
{% macro should_full_refresh() %}
    {%- set is_asked = config.get("full_refresh") -%}
    {%- if is_asked is none -%} {%- set is_asked = flags.FULL_REFRESH -%} {%- endif -%}
    {%- if is_asked or not execute or model.config.materialized != "incremental" -%}
        {{ return(is_asked) }}
    {%- endif -%}
    {{ return(not run_query("select " ~ is_kept(this.name)).columns[0][0]) }}
{% endmacro %}

{#- Condition: incremental models that will not be built in full tonight, because they are as they would be built. -#}
{% macro is_kept() -%}
    {%- set models = varargs -%}
    {%- if flags.FULL_REFRESH -%} false
    {%- else -%}
        (
            select count(distinct model) = {{ models | length }}
            from ops.absorbed_loads
            semi join ops.model_hashes using (model, model_hash)
            where load_id = '' and model in ('{{ models | join("', '") }}')
        )
    {%- endif -%}
{%- endmacro %}

{#- Hook inside the transaction of every incremental model: it now contains all loads that its parents contain. -#}
{% macro record_absorbed_loads() -%}
    {%- if execute and model.config.materialized == "incremental" -%}
        {%- set parents = [] -%}
        {%- for unique_id in model.depends_on.nodes
            if unique_id in graph.nodes and graph.nodes[unique_id].config.materialized == "incremental" -%}
            {%- do parents.append(graph.nodes[unique_id].name) -%}
        {%- endfor -%}
        delete from ops.absorbed_loads
        where model = '{{ this.name }}' {%- if is_incremental() %} and load_id = ''{% endif %}
        ;
        insert into ops.absorbed_loads
        select '{{ this.name }}', load_id, model_hash
        from (select '' as load_id union all ({{ committed_loads() }})) as loads
        cross join (select model_hash from ops.model_hashes where model = '{{ this.name }}') as hashes
        where load_id not in (select load_id from ops.absorbed_loads where model = '{{ this.name }}')
        {%- for parent in parents %}
            and load_id in (select load_id from ops.absorbed_loads where model = '{{ parent }}')
        {%- endfor %}
        ;
    {%- endif -%}
{%- endmacro %}

{#-
    Loads that are complete: dlt wrote their last row. Of one system; or of all, and of what people decided, which
    changes rows as a load does.
-#}
{% macro committed_loads(system=none) -%}
    {%- for name in ([system] if system else (["files"] + apis_in_use())) -%}
        select load_id from {{ source(name, "_dlt_loads") }} where status = 0 {{ "union all" if not loop.last }}
    {% endfor -%}
    {%- if not system -%}
        union all
        select load_id
        from {{ source("decided", "loads") }}
    {%- endif -%}
{%- endmacro %}

{#- Complete loads that the model being built does not contain yet. -#}
{% macro unabsorbed_loads() -%}
    select load_id
    from ({{ committed_loads() }}) as committed
    where load_id not in (select load_id from ops.absorbed_loads where model = '{{ this.name }}')
{%- endmacro %}

{#-
    What a recomputed row reflects, so that the models after it notice the row: the newest load that is new to this
    model, else the newest of all.
-#}
{% macro newest_load() -%}
    coalesce(
        (select max(load_id) from ({{ unabsorbed_loads() }}) as unabsorbed),
        (select max(load_id) from ({{ committed_loads() }}) as committed)
    )
{%- endmacro %}
