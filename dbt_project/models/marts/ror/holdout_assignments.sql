{{ config(post_hook=["{{ remember_holdouts() }}"]) }}

-- What was assigned once is remembered outside of the models: no rebuild and no change of salt or share moves anybody.
-- A remembered person is found again by the identifier that gave the id, whoever it belongs to by now.
with
    remembered as (select * from {{ source("known", "holdouts") }}),

    experiment as (select * from {{ ref("int_holdout_experiment") }}),

    reached as (
        select person_id, arg_min(item_id, {'place':place, 'id':item_id}) as first_item_id
        from {{ ref("int_worklist_ranked") }}
        where is_proactive and is_reached
        group by person_id
    ),

    bearers as (
        select distinct {{ person_id("identifier_kind || '|' || identifier_key") }} as remembered_person_id, person_id
        from {{ ref("int_person_keys") }}
        where exists (select 1 from remembered)
    ),

    -- After a merge the arm of the id that goes on counts, else the first one. Who was in both arms measures nothing.
    kept as (
        select
            remembered.experiment_id,
            bearers.person_id,
            arg_min(
                {
                    'arm':remembered.arm,
                    'assignment_fraction':remembered.assignment_fraction,
                    'assigned_at':remembered.assigned_at,
                    'first_item_id':remembered.first_item_id
                },
                {
                    'is_other':remembered.person_id <> bearers.person_id,
                    'assigned_at':remembered.assigned_at,
                    'id':remembered.person_id
                }
            ) as assignment,
            count(distinct remembered.arm) > 1 as is_excluded
        from remembered
        inner join bearers on bearers.remembered_person_id = remembered.person_id
        group by all
    ),

    added as (
        select
            experiment.experiment_id,
            reached.person_id,
            reached.first_item_id,
            experiment.as_of as assigned_at,
            experiment.holdout_share,
            {{ keyed_fraction("experiment.experiment_id || '|' || reached.person_id || '|' || experiment.salt") }}
            as assignment_fraction
        from reached
        cross join experiment
        anti join kept on kept.experiment_id = experiment.experiment_id and kept.person_id = reached.person_id
    )

select
    experiment_id,
    person_id,
    assignment.arm,
    assignment.assignment_fraction,
    assignment.assigned_at,
    assignment.first_item_id,
    is_excluded,
    if(is_excluded, 'merged_arms', null) as exclusion_reason
from kept
union all
select
    experiment_id,
    person_id,
    if(assignment_fraction < holdout_share, 'holdout', 'treat'),
    assignment_fraction,
    assigned_at,
    first_item_id,
    false,
    null
from added
