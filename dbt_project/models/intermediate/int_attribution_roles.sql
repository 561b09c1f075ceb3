-- One row per position model and role with its weight. A place counts from the start (1, 2, …) or,
-- below 0, from the end.
with
    models as (select * from {{ ref("int_attribution_models") }} where family = 'position'),

    roles as (select model_id, window_id, parameters, {{ json_keys("parameters") }} as role from models)

select
    model_id,
    window_id,
    role,
    case
        when role = 'first'
        then 1
        when role in ('last', 'closing')
        then -1
        when substr(role, 1, 6) = 'start_'
        then cast(replace(role, 'start_', '') as integer)
        when substr(role, 1, 4) = 'end_'
        then - cast(replace(role, 'end_', '') as integer)
    end as place,
    cast({{ json_text("parameters", "role", is_column=true) }} as double) as weight
from roles
where role not in ('channel', 'count')
