{% set least_pairs = 20 %}

with
    recoveries as (select * from {{ ref("sentiment_recoveries") }} where is_mature),

    compared as (
        select recoveries.*, recoveries.score_delta - controls.score_delta as difference
        from recoveries
        left join recoveries as controls on controls.conversation_id = recoveries.matched_control_id
    ),

    counted as (
        select
            brand_id,
            network,
            count(*) filter (first_reply_at is not null) as answered_count,
            count(*) filter (first_reply_at is null) as unanswered_count,
            count(score_delta) filter (first_reply_at is not null) as answered_observed_count,
            count(score_delta) filter (first_reply_at is null) as unanswered_observed_count,
            {% for outcome in ["recovered", "still_negative", "silent", "unscored"] -%}
                count(*) filter (outcome = '{{ outcome }}') as {{ outcome }}_count,
            {% endfor -%}
            count(difference) as pair_count,
            {{ sum_of_scores("difference") }} / nullif(count(difference), 0) as mean_difference,
            -- Whole millionths: the same in any order.
            sum(cast(round(difference * 1000000) as hugeint) * cast(round(difference * 1000000) as hugeint))
            / 1e12 as square_sum
        from compared
        group by all
    ),

    measured as (
        select
            *,
            if(pair_count >= {{ least_pairs }}, mean_difference, null) as delta_after_reply,
            sqrt(
                greatest(square_sum - pair_count * mean_difference * mean_difference, 0)
                / nullif(pair_count - 1, 0)
                / pair_count
            ) as error
        from counted
    )

select
    brand_id,
    network,
    answered_count,
    unanswered_count,
    answered_observed_count,
    unanswered_observed_count,
    recovered_count,
    still_negative_count,
    silent_count,
    unscored_count,
    recovered_count / nullif(recovered_count + still_negative_count, 0) as service_recovery_rate,
    pair_count,
    delta_after_reply,
    if(delta_after_reply is null, null, error) as standard_error,
    delta_after_reply - {{ z_95() }} * if(delta_after_reply is null, null, error) as ci_low,
    delta_after_reply + {{ z_95() }} * if(delta_after_reply is null, null, error) as ci_high
from measured
