-- One row per brand, language and date: how loud the negatives were, and whether that is an alarm. Counted by the hour
-- and by the day; see `judged_counts`.
with
    messages as (
        select brand_id, lang, sent_at, sent_date, label
        from {{ ref("message_sentiments") }}
        where
            not is_deleted
            and lang not in ('und', 'unsupported')
            and coalesce(unscored_reason not in ('empty', 'no_text'), true)
    ),

    timed as (
        select *, 'hour' as unit, 168 as cycle, {{ whole_quotient("epoch_us(sent_at)", 3600000000) }} as period
        from messages
        union all
        select *, 'day', 7, sent_date - date '1970-01-01'
        from messages
    ),

    counted as (
        select
            brand_id,
            lang,
            unit,
            cycle,
            period,
            min(sent_date) as sent_date,
            count(*) as text_count,
            count(*) filter (label <> 'unscored') as scored_count,
            count(*) filter (label = 'neg') as negative_count,
            2 * sqrt(count(*) filter (label = 'neg') + 0.375) as level,
            min(period) over (partition by brand_id, lang, unit) as first_period
        from timed
        group by brand_id, lang, unit, cycle, period
    ),

    -- Judged twice: what stood out the first time says nothing of what is usual.
    {{ judged_counts("counted", "judged_1") }},

    {{ judged_counts("counted", "judged_2", left_out="judged_1") }},

    dated as (
        select
            brand_id,
            lang,
            sent_date,
            round(max(z) filter (is_known), 6) as crisis_z,
            bool_or(is_crisis) as is_crisis,
            bool_or(is_loud and is_known) as is_loud
        from judged_2
        group by all
    )

select
    *,
    case
        when is_crisis
        then 'crisis'
        when is_loud
        then 'volume'
        when crisis_z is null
        then 'insufficient_history'
        else 'none'
    end as alarm
from dated
