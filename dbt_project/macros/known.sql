{#- What models remember from build to build. Private; each is written in the transaction of the model that it is about. -#}
{% macro prepare_known() -%}
    {%- if execute -%}
        create schema if not exists known;
        create table if not exists known.credits_before (
            conversion_id varchar, model_id varchar, touch_id varchar, credit_minor bigint
        );
        create table if not exists known.credited (conversion_id varchar, input_hash ubigint);
        create table if not exists known.touches_before (touch_id varchar, person_id varchar);
        create table if not exists known.conversions_before (conversion_id varchar, person_id varchar, run_id varchar);
        create table if not exists known.models_before (model_id varchar, rule varchar);
        create table if not exists known.holdouts (
            experiment_id varchar,
            person_id varchar,
            arm varchar,
            assignment_fraction double,
            assigned_at timestamptz,
            first_item_id varchar
        );
    {%- endif -%}
{%- endmacro %}

{#-
    Before credits are computed anew: what was published of them. Kept until the restatements have been written; a
    conversion that waits since a killed night is known as it was before that night.
-#}
{% macro keep_old_credits() -%}
    {%- if execute and load_relation(this) is not none -%}
        insert into known.credits_before
        select conversion_id, model_id, touch_id, credit_minor
        from {{ this }}
        where
            conversion_id not in (select conversion_id from known.credits_before)
        {%- if is_incremental() %} and conversion_id in ({{ touched_conversions() }}){% endif %}
    {%- endif -%}
{%- endmacro %}

{#- From what every conversion was credited. -#}
{% macro remember_credited() -%}
    {%- if execute -%}
        create or replace table known.credited as
        select conversion_id, input_hash
        from {{ ref("int_attribution_fingerprints") }}
        where input_hash is not null
    {%- endif -%}
{%- endmacro %}

{#- What this build published, so that the next one can say what it restates. -#}
{% macro remember_credits() -%}
    {%- if execute -%}
        truncate known.credits_before;
        create or replace table known.touches_before as select touch_id, person_id from {{ ref("touchpoints") }};
        create or replace table known.conversions_before as
        select conversions.conversion_id, conversions.person_id, current_run.run_id
        from {{ ref("conversions") }} as conversions
        cross join {{ source("ops", "current_run") }} as current_run;
        create or replace table known.models_before as
        select model_id, {{ rule_of_model() }} as rule from {{ ref("int_attribution_models") }};
    {%- endif -%}
{%- endmacro %}

{#- All that decides how a model divides, as one text. -#}
{% macro rule_of_model() -%} concat_ws('|', window_id, family, half_life_days, parameters) {%- endmacro %}
