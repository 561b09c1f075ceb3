{% set least_count, days_before = 200, 28 %}

with
    messages as (select * from {{ ref("message_sentiments") }} where not is_deleted),

    -- Bins of equal width: those of the baseline's own tenths would differ from day to day.
    binned as (
        select
            brand_id,
            lang,
            sent_date,
            least(floor((score + 1) * 5), 9) as bin,
            count(*) as message_count,
            count(score) as score_count,
            count(*) filter (unscored_reason in ('low_confidence', 'undetermined_language')) as unsure_count
        from messages
        where lang <> 'unsupported'
        group by all
    ),

    daily as (
        select
            brand_id,
            lang,
            sent_date,
            sum(message_count) as message_count,
            sum(score_count) as score_count,
            sum(unsure_count) as unsure_count
        from binned
        group by all
    ),

    compared as (
        select *, sum(score_count) over before as usual_score_count, sum(unsure_count) over before as usual_unsure_count
        from daily
        window
            before as (
                partition by brand_id, lang
                order by sent_date range between interval {{ days_before }} days preceding and interval 1 day preceding
            )
    ),

    judged as (
        select * from compared where score_count >= {{ least_count }} and usual_score_count >= {{ least_count }}
    ),

    -- Every bin of every judged day, though nothing fell into it.
    shares as (
        select
            judged.brand_id,
            judged.lang,
            judged.sent_date,
            bins.bin,
            greatest(
                coalesce(sum(binned.score_count) filter (binned.sent_date = judged.sent_date), 0)
                / any_value(judged.score_count),
                0.001
            ) as share,
            greatest(
                coalesce(sum(binned.score_count) filter (binned.sent_date < judged.sent_date), 0)
                / any_value(judged.usual_score_count),
                0.001
            ) as usual_share
        from judged
        cross join (select unnest(range(0, 10)) as bin) as bins
        left join
            binned
            on binned.brand_id = judged.brand_id
            and binned.lang = judged.lang
            and binned.bin = bins.bin
            and binned.sent_date <= judged.sent_date
            and binned.sent_date >= judged.sent_date - {{ days_before }}
        group by all
    ),

    drifted as (
        select
            brand_id,
            lang,
            sent_date,
            {{ exact_sum("(share - usual_share) * ln(share / usual_share)", bits=60) }} as psi
        from shares
        group by all
    )

select
    compared.brand_id,
    compared.lang,
    compared.sent_date,
    compared.message_count::bigint as message_count,
    compared.score_count::bigint as score_count,
    coalesce(compared.usual_score_count, 0)::bigint as usual_score_count,
    round(drifted.psi, 9) as psi,
    compared.unsure_count / nullif(compared.score_count, 0) as unsure_rate,
    compared.usual_unsure_count / nullif(compared.usual_score_count, 0) as usual_unsure_rate,
    case
        when drifted.psi is null
        then 'insufficient'
        when drifted.psi >= 0.25
        then 'drifted'
        when drifted.psi >= 0.10 or unsure_rate >= usual_unsure_rate + 0.10
        then 'moved'
        else 'steady'
    end as verdict
from compared
left join drifted using (brand_id, lang, sent_date)
