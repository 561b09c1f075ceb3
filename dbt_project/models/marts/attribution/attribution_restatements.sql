{{
    config(
        materialized="incremental",
        incremental_strategy="append",
        full_refresh=false,
        post_hook=["{{ remember_credits() }}"],
    )
}}

-- Of conversions whose credit was computed anew, against what was kept of it before, in the transaction that forgets
-- it: a night that dies in between loses no restatement and writes none twice.
with
    known_credits as (select * from {{ source("known", "credits_before") }}),

    credits as (select * from {{ ref("attribution_credits") }} semi join known_credits using (conversion_id)),

    conversions as (select * from {{ ref("conversions") }}),

    touchpoints as (select touch_id, person_id from {{ ref("touchpoints") }}),

    models as (select model_id, {{ rule_of_model() }} as rule from {{ ref("int_attribution_models") }}),

    known_touches as (select * from {{ source("known", "touches_before") }}),

    known_conversions as (select * from {{ source("known", "conversions_before") }}),

    known_models as (select * from {{ source("known", "models_before") }}),

    current_run as (select * from {{ source("ops", "current_run") }}),

    -- What is new is no restatement: only conversions and models that were there before.
    compared as (
        select
            conversion_id,
            model_id,
            touch_id,
            credits.credit_minor is not null as is_now,
            known_credits.credit_minor is not null as was_before,
            coalesce(credits.credit_minor, 0) as new_minor,
            coalesce(known_credits.credit_minor, 0) as old_minor
        from credits
        full join known_credits using (conversion_id, model_id, touch_id)
    ),

    changed as (
        select
            compared.conversion_id,
            compared.model_id,
            sum(compared.old_minor) as old_minor,
            sum(compared.new_minor) as new_minor,
            sum(abs(compared.new_minor - compared.old_minor)) as moved_minor
        from compared
        inner join known_conversions using (conversion_id)
        inner join known_models using (model_id)
        inner join models using (model_id)
        group by compared.conversion_id, compared.model_id
        having bool_or(compared.is_now <> compared.was_before or compared.new_minor <> compared.old_minor)
    ),

    -- Touches that came to a conversion or left it, under any model, and whose they were and are.
    moved_touches as (
        select
            compared.conversion_id,
            compared.touch_id,
            bool_or(compared.is_now) as is_now,
            bool_or(compared.was_before) as was_before
        from compared
        inner join changed using (conversion_id, model_id)
        where compared.touch_id <> '(none)'
        group by compared.conversion_id, compared.touch_id
        having bool_or(compared.is_now) <> bool_or(compared.was_before)
    ),

    causes as (
        select
            moved_touches.conversion_id,
            bool_or(moved_touches.is_now and known_touches.touch_id is null) as has_late_touch,
            bool_or(moved_touches.was_before and touchpoints.touch_id is null) as has_deleted_touch,
            bool_or(moved_touches.is_now and known_touches.person_id <> known_conversions.person_id) as has_merged,
            bool_or(moved_touches.was_before and touchpoints.person_id <> conversions.person_id) as has_unmerged
        from moved_touches
        inner join known_conversions using (conversion_id)
        left join conversions using (conversion_id)
        left join touchpoints on touchpoints.touch_id = moved_touches.touch_id
        left join known_touches on known_touches.touch_id = moved_touches.touch_id
        group by moved_touches.conversion_id
    )

select
    changed.conversion_id,
    changed.model_id,
    current_run.as_of as changed_at,
    case
        when changed.new_minor < changed.old_minor
        then 'refund'
        when changed.new_minor > changed.old_minor
        then 'reopened'
        when models.rule <> known_models.rule
        then 'parameters'
        when causes.has_merged
        then 'merge'
        when causes.has_unmerged
        then 'unmerge'
        when causes.has_late_touch
        then 'late_touch'
        when causes.has_deleted_touch
        then 'deleted_touch'
        else 'other'
    end as reason,
    cast(changed.old_minor as bigint) as old_minor,
    cast(changed.new_minor as bigint) as new_minor,
    cast(changed.moved_minor as bigint) as moved_minor,
    known_conversions.run_id as old_run_id
from changed
cross join current_run
inner join models using (model_id)
inner join known_models using (model_id)
inner join known_conversions using (conversion_id)
left join causes using (conversion_id)
