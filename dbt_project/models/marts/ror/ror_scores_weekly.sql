with
    scores as (select * from {{ ref("int_ror_scores") }}),

    compared as (
        select scores.*, scores.score_micro - earlier.score_micro as change_micro
        from scores
        left join
            (select person_id, week_index + 4 as week_index, score_micro from scores) as earlier using (
                person_id, week_index
            )
    )

select
    person_id,
    {{ week_start("week_index") }} as week_start_date,
    cast(score_micro / 1000000::decimal(18, 6) as decimal(9, 6)) as score,
    score_micro,
    reliability,
    case
        when reliability < 0.3
        then 'unknown'
        when score_micro < 40000000
        then 'exploring'
        when score_micro < 60000000
        then 'participating'
        when score_micro < 75000000
        then 'contributing'
        else 'leading'
    end as level,
    cast(change_micro / 1000000::decimal(18, 6) as decimal(9, 6)) as score_change_4w,
    top_driver,
    top_drag,
    weights_version,
    calibration_version
from compared
