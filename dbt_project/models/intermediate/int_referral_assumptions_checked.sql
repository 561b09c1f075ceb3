-- One row: the assumptions about people who bring others. Ones that cannot be used end the build with one line.
with
    assumptions as (select * from {{ ref("referral_assumptions") }}),

    -- An aggregate has its row without any input too: an empty seed must not pass.
    counted as (
        select
            count(*) = 1
            and coalesce(
                bool_and(
                    version is not null
                    and 0 <= caused_low_share
                    and caused_low_share <= caused_share
                    and caused_share <= caused_high_share
                    and caused_high_share <= 1
                    and ancestor_share between 0 and 1
                    and attenuation > 0
                    and attenuation < 1
                    and influence_pool_share between 0 and 1
                    and coalesce(acquisition_cost_minor, 0) >= 0
                    and coalesce(reward_minor, 0) >= 0
                ),
                false
            ) as are_usable,
            count(suggestion_price_minor) > 0 as has_price
        from assumptions
    )

select
    assumptions.version as assumptions_version,
    assumptions.caused_low_share,
    assumptions.caused_share,
    assumptions.caused_high_share,
    assumptions.caused_share * assumptions.ancestor_share as referral_share,
    assumptions.attenuation,
    assumptions.influence_pool_share,
    coalesce(assumptions.acquisition_cost_minor, 0) as acquisition_cost_minor,
    coalesce(assumptions.reward_minor, 0) as reward_minor
from counted
left join assumptions on true
where
    case
        when counted.has_price
        then
            {{
                stop_build(
                    "referrals: reference.referral_assumptions: suggestion_price_minor is set, but no source says yet which"
                    " suggestions were accepted; next: leave it empty in <ROR_HOME>/seeds/referral_assumptions.csv"
                )
            }}
        when counted.are_usable
        then true
        else
            {{
                stop_build(
                    "referrals: reference.referral_assumptions: there is not one row, or a share or amount is missing, out of"
                    " its range or low above high; next: correct <ROR_HOME>/seeds/referral_assumptions.csv"
                )
            }}
    end
