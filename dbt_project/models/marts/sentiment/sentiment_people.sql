{% set half_life_days, shrinkage, trend_days, least_scored = 60, 3, 45, 2 %}

with
    run as (select as_of from {{ source("ops", "current_run") }}),

    aged as (
        select
            messages.*,
            (epoch_us(run.as_of) - epoch_us(messages.sent_at)) / 86400000000.0 as age_days,
            -- A label of a person on a text that the scorer could not read has no score.
            if(messages.score is null, 0, power(2, - age_days / {{ half_life_days }})) as weight
        from {{ ref("message_sentiments") }} as messages
        cross join run
        where messages.person_id is not null and messages.label <> 'unscored' and messages.sent_at <= run.as_of
    ),

    summed as (
        select
            person_id,
            count(*) as scored_count,
            count(*) filter (label = 'pos') as pos_count,
            count(*) filter (label = 'neg') as neg_count,
            arg_max(label, {'sent_at':sent_at, 'id':message_id}) as last_label,
            max(sent_at) as last_scored_at,
            {{ exact_sum("weight", bits=60) }} as weight_sum,
            {{ exact_sum("weight * weight", bits=60) }} as square_sum,
            {{ exact_sum("weight * coalesce(score, 0)", bits=60) }} as score_sum,
            {% for name, condition in [
                ("recent", "age_days < " ~ trend_days),
                ("earlier", "age_days >= " ~ trend_days ~ " and age_days < " ~ 2 * trend_days),
            ] -%}
                count(score) filter ({{ condition }}) as {{ name }}_count,
                {{ sum_of_scores("if(" ~ condition ~ ", score, 0)") }} as {{ name }}_sum
                {{- "," if not loop.last }}
            {% endfor %}
        from aged
        group by person_id
    )

select
    person_id,
    scored_count,
    pos_count,
    neg_count,
    last_label,
    last_scored_at,
    round(score_sum / nullif(weight_sum, 0), 9) as sentiment_ewma,
    round(weight_sum * weight_sum / nullif(square_sum, 0), 9) as n_eff,
    round(sentiment_ewma * n_eff / (n_eff + {{ shrinkage }}), 9) as sentiment_shrunk,
    if(
        recent_count >= {{ least_scored }} and earlier_count >= {{ least_scored }},
        round(recent_sum / recent_count - earlier_sum / earlier_count, 9),
        null
    ) as trend_90d
from summed
