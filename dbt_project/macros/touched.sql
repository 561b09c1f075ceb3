{#-
    What an incremental build computes anew. Where rows may vanish without others in their place, hooks first write down
    what is touched, then delete it; the model computes what was written down.
-#}
{% macro note(name, query) -%}
    {%- if is_incremental() -%} create or replace temp table {{ name }} as {{ query }}
    {%- endif -%}
{%- endmacro %}

{% macro delete_noted(condition) -%}
    {%- if is_incremental() -%} delete from {{ this }} where {{ condition }}
    {%- endif -%}
{%- endmacro %}

{#-
    Conversations, as they are and as they were, of the messages that a parent model changed since. `known_id`: the
    column of this model that holds a message id.
-#}
{% macro touched_conversations(parent, known_id="message_id") -%}
    with changed as (select message_id, conversation_id from {{ parent }} where load_id in ({{ unabsorbed_loads() }}))
    select conversation_id
    from changed
    union
    select known.conversation_id
    from {{ this }} as known
    semi join changed on changed.message_id = known.{{ known_id }}
{%- endmacro %}

{#-
    Conversations whose turns may have changed: a message of theirs did, or the data now reaches, or no longer reaches,
    past something that was still open when the turn was computed.
-#}
{% macro touched_responses() -%}
    {{ touched_conversations(ref("int_messages_enriched"), "response_id") }}
    union
    select known.conversation_id
    from {{ this }} as known
    inner join {{ ref("int_reply_horizons") }} as horizons using (brand_id)
    where
        known.is_mature <> (known.opened_at <= horizons.mature_until)
        or known.is_business_mature <> coalesce(known.opened_at <= horizons.business_mature_until, false)
        or known.is_overdue
        is distinct from {{ is_overdue("known.due_at", "known.first_human_at", "horizons.observed_until") }}
{%- endmacro %}

{#- Conversions whose credit is to be computed anew, also those that are gone. -#}
{% macro touched_conversions() -%}
    select conversion_id from {{ ref("int_attribution_fingerprints") }} where is_touched
{%- endmacro %}

{#- What the credits of each month of conversions rest on, as the sum of their hashes. -#}
{% macro month_evidence() -%}
    select
    {{ start_of("month", local_date("conversions.converted_at", "base.time_zone")) }} as period_start_date,
        md5(cast(sum({{ row_hash("fingerprints") }}) as varchar)) as evidence_hash
    from {{ ref("conversions") }} as conversions
    inner join
        (select conversion_id, input_hash from {{ ref("int_attribution_fingerprints") }}) as fingerprints using (
            conversion_id
        )
    cross join {{ ref("int_base_currency") }} as base
    group by {{ start_of("month", local_date("conversions.converted_at", "base.time_zone")) }}
{%- endmacro %}

{#- Months with conversions that came, went or were credited anew since this model summed them. -#}
{% macro touched_months() -%}
    with
        months as ({{ month_evidence() }}),

        known as (
            select period_start_date, any_value(evidence_hash) as evidence_hash
            from {{ this }}
            group by period_start_date
        )
    select period_start_date
    from months
    full join known using (period_start_date)
    where months.evidence_hash is distinct from known.evidence_hash
{%- endmacro %}

{#- Touches of messages that changed; all clicks, since they are few. -#}
{% macro touched_touches() -%}
    select message_id as touch_id
    from {{ ref("int_messages_enriched") }}
    where load_id in ({{ unabsorbed_loads() }})
    union all
    select touch_id
    from {{ this }}
    where source_kind = 'clicks'
    union all
    select touch_id
    from {{ ref("int_attribution_clicks") }}
{%- endmacro %}

{#- Persons of whom a lookup says something else than their touches: another company, or on or off the paths. -#}
{% macro touched_persons() -%}
    with
        known as (select person_id, min(company_id) as company_id from {{ this }} group by person_id),

        excluded_people as ({{ no_audience() }})
    select known.person_id
    from known
    left join {{ ref("int_attribution_person_companies") }} as companies using (person_id)
    where companies.company_id is distinct from known.company_id
    union
    select person_id
    from known
    semi join excluded_people using (person_id)
    union
    select person_id
    from {{ ref("int_person_keys") }}
    anti join known using (person_id)
    anti join excluded_people using (person_id)
{%- endmacro %}
