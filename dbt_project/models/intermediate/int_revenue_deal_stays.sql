-- One row per stay of a deal in a won stage: its last won version, when it began and when
-- it ended.
with
    versions as (select * from {{ every("deal_versions") }}),

    -- A replaced file tells of earlier states only: nothing in it is newer than the newest row
    -- that counts.
    newest_counting as (
        select native_id, max(version_number) as version_number
        from versions
        where not is_replaced and not is_deleted
        group by native_id
    ),

    history as (
        select
            versions.*,
            versions.stage_category = 'won' as is_won,
            case
                when versions.version_at <> versions.observed_at
                then versions.version_at
                else coalesce(versions.created_at, versions.observed_at)
            end as stated_at,
            coalesce(
                lag(versions.stage_category = 'won') over (
                    partition by versions.native_id order by versions.version_number
                ),
                false
            ) as was_won
        from versions
        inner join newest_counting using (native_id)
        where versions.version_number <= newest_counting.version_number and not versions.is_deleted
    ),

    -- Every entering of a won stage begins a stay; the stay lasts until the next version that is
    -- not won.
    numbered as (
        select
            *,
            sum(case when is_won and not was_won then 1 else 0 end) over (
                partition by native_id order by version_number rows between unbounded preceding and current row
            ) as stay_number
        from history
        where is_won or was_won
    )

select
    source,
    native_id,
    deal_id,
    stay_number,
    max(case when is_won then version_number end) as last_version,
    min(case when is_won and not was_won then stated_at end) as entered_at,
    min(case when not is_won then version_at end) as left_at
from numbered
group by source, native_id, deal_id, stay_number
