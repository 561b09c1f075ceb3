{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        pre_hook=[
            "{{ note('touched_touches', touched_touches()) }}",
            "{{ note('touched_persons', touched_persons()) }}",
            "{{ delete_noted('touch_id in (from touched_touches) or person_id in (from touched_persons)') }}",
        ],
    )
}}

with
    touches as (
        select *
        from {{ ref("int_touchpoints_unioned") }}
        where
            left_out_reason is null
            {% if is_incremental() -%}
                and (touch_id in (from touched_touches) or person_id in (from touched_persons))
            {%- endif %}
    )

select
    touch_id,
    person_id,
    company_id,
    channel_id,
    campaign,
    touch_type,
    is_relationship,
    is_direct,
    touched_at,
    source_kind,
    source_id,
    cost_minor,
    currency
from touches
