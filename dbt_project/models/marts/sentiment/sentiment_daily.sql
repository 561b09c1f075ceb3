{% set reasons = [
    "not_yet_scored",
    "scorer_error",
    "unsupported_language",
    "undetermined_language",
    "low_confidence",
] %}
{% set least_scored, least_weeks, weeks = 20, 4, 8 %}

with
    messages as (select * from {{ ref("message_sentiments") }} where not is_deleted),

    counted as (
        select
            brand_id,
            network,
            lang,
            sent_date,
            {{ start_of("week", "sent_date") }} as week_start_date,
            count(*) as message_count,
            count(*) filter (label = 'pos') as pos_count,
            count(*) filter (label = 'neg') as neg_count,
            count(*) filter (label = 'neu') as neu_count,
            count(*) filter (label <> 'unscored') as scored_count,
            count(*) filter (unscored_reason in ('empty', 'no_text')) as textless_count,
            {% for reason in reasons -%}
                count(*) filter (unscored_reason = '{{ reason }}') as {{ reason }}_count,
            {% endfor -%}
            count(score) filter (label <> 'unscored') as score_count,
            coalesce({{ sum_of_scores("if(label = 'unscored', 0, score)") }}, 0) as score_sum,
            if(count(distinct score_version) = 1, min(score_version), null) as score_version
        from messages
        group by all
    ),

    -- Weeks with few scored messages say nothing; they are no zeros either.
    weekly as (
        select
            brand_id,
            network,
            lang,
            week_start_date,
            if(
                sum(scored_count) >= {{ least_scored }}, (sum(pos_count) - sum(neg_count)) / sum(scored_count), null
            ) as week_net
        from counted
        group by all
    ),

    swung as (
        select
            brand_id,
            network,
            lang,
            week_start_date,
            if(
                count(week_net) over weeks_before >= {{ least_weeks }},
                round(stddev_samp(week_net) over weeks_before, 9),
                null
            ) as volatility_8w
        from weekly
        window
            weeks_before as (
                partition by brand_id, network, lang
                order by
                    week_start_date range between interval {{ 7 * weeks }} days preceding and interval 7 days preceding
            )
    ),

    -- Half a message is added to each side, so that an interval never has width 0.
    measured as (
        select
            *,
            pos_count + 0.5::double as b,
            neg_count + 0.5::double as c,
            scored_count + 2 as m,
            {{ z_95() }} * sqrt((b + c) - (b - c) * (b - c) / m) / m as half_width
        from counted
    )

select
    measured.brand_id,
    measured.network,
    measured.lang,
    measured.sent_date,
    measured.message_count,
    measured.message_count - measured.textless_count as text_count,
    measured.scored_count,
    measured.pos_count,
    measured.neg_count,
    measured.neu_count,
    measured.message_count - measured.textless_count - measured.scored_count as unscored_count,
    {% for reason in reasons -%} measured.{{ reason }}_count, {% endfor -%}
    measured.textless_count,
    measured.score_count,
    measured.score_sum,
    measured.score_sum / nullif(measured.score_count, 0) as mean_score,
    (measured.pos_count - measured.neg_count) / nullif(measured.scored_count, 0) as net_sentiment,
    if(measured.scored_count = 0, null, greatest((b - c) / m - half_width, -1)) as ci_low,
    if(measured.scored_count = 0, null, least((b - c) / m + half_width, 1)) as ci_high,
    measured.scored_count / nullif(measured.message_count - measured.textless_count, 0) as coverage_rate,
    swung.volatility_8w,
    alarms.crisis_z,
    coalesce(alarms.is_crisis, false) as is_crisis,
    coalesce(alarms.alarm, 'insufficient_history') as alarm,
    measured.score_version
from measured
left join swung using (brand_id, network, lang, week_start_date)
left join {{ ref("int_sentiment_alarms") }} as alarms using (brand_id, lang, sent_date)
